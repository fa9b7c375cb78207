"use client";
import Link from "next/link";
import { useMemo } from "react";
import type { RouterOutputs } from "../../client/router-types.ts";
import type { Column } from "../../components/data-table.tsx";
import { useWords } from "../../components/words-provider.tsx";

type Row = RouterOutputs["updates"]["search"]["servers"][number];

/** The columns of the servers that have a package. */
export function usePackageServerColumns(): readonly Column<Row>[] {
  const { t } = useWords();
  return useMemo(
    () => [
      {
        id: "server",
        header: t("updates.column.server"),
        cell: (row) => (
          <Link
            href={`/servers/${row.serverId}/software`}
            tabIndex={-1}
            className="font-medium hover:underline [overflow-wrap:anywhere]"
          >
            {row.serverName}
          </Link>
        ),
      },
      {
        id: "customer",
        header: t("updates.column.customer"),
        from: "sm",
        cell: (row) => <span className="block max-w-48 truncate text-ink-2">{row.tenantName}</span>,
      },
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
