"use client";
import { useMemo } from "react";
import type { RouterOutputs } from "../../client/router-types.ts";
import type { Column } from "../../components/data-table.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { softwareOfServerColumns } from "./software-of-server-columns.tsx";

type Row = RouterOutputs["updates"]["search"]["servers"][number];

/** The columns of the servers that have a package. */
export function usePackageServerColumns(): readonly Column<Row>[] {
  const { t } = useWords();
  return useMemo(
    () => [
      ...softwareOfServerColumns<Row>(t, { customerFrom: "sm" }),
      {
        id: "installed",
        header: t("updates.column.installed"),
        cell: (row) => <span className="font-mono text-meta [overflow-wrap:anywhere]">{row.version}</span>,
      },
      {
        id: "waits",
        header: t("updates.column.waits"),
        from: "md",
        cell: (row) =>
          row.to === null ? (
            <span className="text-ink-3">–</span>
          ) : (
            <span className="font-mono text-meta [overflow-wrap:anywhere]">{row.to}</span>
          ),
      },
      {
        id: "architecture",
        header: t("updates.column.architecture"),
        from: "lg",
        isHiddenAtFirst: true,
        cell: (row) => <span className="text-ink-2">{row.architecture}</span>,
      },
    ],
    [t],
  );
}
