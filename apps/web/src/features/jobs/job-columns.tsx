"use client";
import Link from "next/link";
import { useMemo } from "react";
import type { Column } from "../../components/data-table.tsx";
import { Ago } from "../../components/time.tsx";
import { useWords } from "../../components/words-provider.tsx";
import type { JobRow } from "./job-list.tsx";
import { JobStateWord } from "./job-state-word.tsx";
import { useJobName } from "./use-job-name.ts";

/** The columns of a list of jobs; the server is left out where all are of one. */
export function useJobColumns(hasServer: boolean): readonly Column<JobRow>[] {
  const { t, format } = useWords();
  const nameOf = useJobName();
  return useMemo(() => {
    const columns: (Column<JobRow> | null)[] = [
      {
        id: "job",
        header: t("jobs.column.job"),
        cell: (row) => (
          <span className="grid min-w-0 leading-tight">
            <Link
              href={`/jobs/${row.id}`}
              tabIndex={-1}
              className="w-fit max-w-full font-medium hover:underline [overflow-wrap:anywhere]"
            >
              {nameOf(row)}
            </Link>
            <span className="text-ink-3 text-meta sm:hidden">
              {hasServer ? <>{row.serverName}, </> : null}
              <Ago at={row.createdAt} />
            </span>
          </span>
        ),
      },
      { id: "state", header: t("jobs.column.state"), cell: (row) => <JobStateWord state={row.state} /> },
      hasServer
        ? {
            id: "server",
            header: t("jobs.column.server"),
            from: "sm",
            cell: (row) => (
              <Link href={`/servers/${row.serverId}`} tabIndex={-1} className="text-ink-2 hover:underline">
                {row.serverName}
              </Link>
            ),
          }
        : null,
      {
        id: "by",
        header: t("jobs.column.by"),
        from: "lg",
        cell: (row) => <span className="text-ink-2">{row.requestedBy}</span>,
      },
      {
        id: "took",
        header: t("jobs.column.took"),
        align: "right",
        from: "md",
        cell: (row) => (
          <span className="text-ink-2">
            {row.startedAt === null || row.endedAt === null
              ? "–"
              : format.duration(row.endedAt.getTime() - row.startedAt.getTime())}
          </span>
        ),
      },
      {
        id: "when",
        header: t("jobs.column.when"),
        align: "right",
        from: "sm",
        cell: (row) => (
          <span className="text-ink-2">
            <Ago at={row.createdAt} />
          </span>
        ),
      },
    ];
    return columns.filter((column) => column !== null);
  }, [t, format, nameOf, hasServer]);
}
