"use client";
import { useMemo } from "react";
import type { RouterOutputs } from "../../client/router-types.ts";
import type { Column } from "../../components/data-table.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { CveList, UpdateKind } from "./update-words.tsx";

export type UpdateRow = RouterOutputs["updates"]["waiting"]["updates"][number];

/** The columns of what waits over the fleet. */
export function useUpdateColumns(): readonly Column<UpdateRow>[] {
  const { t, format } = useWords();
  return useMemo(
    () => [
      {
        id: "source",
        header: t("updates.column.source"),
        cell: (row) => <span className="font-medium [overflow-wrap:anywhere]">{row.sourceName}</span>,
        className: "max-w-72",
      },
      {
        id: "version",
        header: t("updates.column.version"),
        from: "sm",
        cell: (row) => (
          <span className="font-mono text-ink-2 text-meta [overflow-wrap:anywhere]">{row.to}</span>
        ),
        className: "max-w-60",
      },
      {
        id: "kind",
        header: t("updates.column.kind"),
        cell: (row) => <UpdateKind isSecurity={row.isSecurity} urgency={row.urgency} />,
      },
      {
        id: "cves",
        header: t("updates.column.cves"),
        from: "md",
        cell: (row) => <CveList cves={[...new Set([...row.listedCves, ...row.cves])].sort()} />,
      },
      {
        id: "servers",
        header: t("updates.column.servers"),
        align: "right",
        cell: (row) => <span className="figures">{format.number(row.servers)}</span>,
      },
    ],
    [t, format],
  );
}
