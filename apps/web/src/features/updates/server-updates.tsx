"use client";
import Link from "next/link";
import type { RouterOutputs } from "../../client/router-types.ts";
import { type Column, DataTable } from "../../components/data-table.tsx";
import { LevelSentence } from "../../components/level.tsx";
import { Panel } from "../../components/panel.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { packageHref } from "./update-filters.ts";
import { CveList, UpdateKind } from "./update-words.tsx";

type Inventory = NonNullable<RouterOutputs["updates"]["ofServer"]>;
type Row = Inventory["updates"][number];

/** What waits for one server, security first. */
export function ServerUpdates({ inventory: { updates, areUpdatesKnown } }: { inventory: Inventory }) {
  const { t } = useWords();
  const columns: readonly Column<Row>[] = [
    {
      id: "package",
      header: t("updates.column.package"),
      cell: (row) => (
        <Link
          href={packageHref(row.name)}
          tabIndex={-1}
          className="font-medium hover:underline [overflow-wrap:anywhere]"
        >
          {row.name}
        </Link>
      ),
    },
    {
      id: "installed",
      header: t("updates.column.installed"),
      from: "md",
      cell: (row) => (
        <span className="font-mono text-ink-2 text-meta [overflow-wrap:anywhere]">
          {row.from ?? t("updates.new-package")}
        </span>
      ),
    },
    {
      id: "waits",
      header: t("updates.column.waits"),
      cell: (row) => <span className="font-mono text-meta [overflow-wrap:anywhere]">{row.to}</span>,
    },
    {
      id: "kind",
      header: t("updates.column.kind"),
      from: "sm",
      cell: (row) => <UpdateKind isSecurity={row.isSecurity} urgency={row.urgency} />,
    },
    {
      id: "cves",
      header: t("updates.column.cves"),
      from: "xl",
      cell: (row) => <CveList cves={row.cves} />,
    },
  ];
  return (
    <Panel title={t("software.updates")} isFlush>
      {areUpdatesKnown ? null : (
        <p className="px-4 py-2.5 text-table">
          <LevelSentence level="unknown">{t("software.updates-unknown")}</LevelSentence>
        </p>
      )}
      {updates.length > 0 ? (
        <DataTable
          label={t("software.updates")}
          columns={columns}
          rows={updates}
          rowId={(row) => `${row.name} ${row.architecture}`}
          rowName={(row) => row.name}
          rowHref={(row) => packageHref(row.name)}
        />
      ) : areUpdatesKnown ? (
        <p className="px-4 py-3.5 text-table">
          <LevelSentence level="good">{t("software.updates-none")}</LevelSentence>
        </p>
      ) : null}
    </Panel>
  );
}
