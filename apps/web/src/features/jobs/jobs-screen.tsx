"use client";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { ListChecks, SearchX } from "lucide-react";
import Link from "next/link";
import { useMemo } from "react";
import { paging } from "../../client/paging.ts";
import { useTRPC } from "../../client/trpc.tsx";
import { useUrlParams } from "../../client/use-url-params.ts";
import { Button } from "../../components/button.tsx";
import { type Column, DataTable } from "../../components/data-table.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { FilterBar, FilterSelect } from "../../components/filter-bar.tsx";
import { PageHeader } from "../../components/page-header.tsx";
import { ProblemNote } from "../../components/problem-note.tsx";
import { RowsSkeleton } from "../../components/skeleton.tsx";
import { Ago } from "../../components/time.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { useFollow } from "../live/live-provider.tsx";
import { jobQuery, readJobFilter } from "./job-filter.ts";
import { isActive } from "./job-level.ts";
import type { JobRow } from "./job-list.tsx";
import { JobStateWord } from "./job-state-word.tsx";
import { useVerbWords } from "./use-verb-words.ts";

/** All jobs of all servers, newest first. */
export function JobsScreen() {
  const { t } = useWords();
  return (
    <>
      <PageHeader title={t("jobs.title")} />
      <JobTable />
    </>
  );
}

/** Jobs as a table; of one server when it is named. */
export function JobTable({ serverId }: { serverId?: string }) {
  const { t } = useWords();
  const trpc = useTRPC();
  const [params, setParams] = useUrlParams();
  const filter = readJobFilter(params);
  const pages = useInfiniteQuery(
    trpc.jobs.list.infiniteQueryOptions(jobQuery(serverId, filter), {
      ...paging,
      placeholderData: keepPreviousData,
    }),
  );
  const rows = useMemo(() => pages.data?.pages.flatMap((page) => page.jobs) ?? [], [pages.data]);
  const followed =
    serverId === undefined
      ? [...new Set(rows.filter((row) => isActive(row.state)).map((row) => row.serverId))]
      : [serverId];
  useFollow(
    followed.map((id) => ({ kind: "server", id })),
    () => void pages.refetch(),
  );
  const columns = useJobColumns(serverId === undefined);
  const isEmpty = pages.isSuccess && rows.length === 0;
  return (
    <div className="rounded-ui border border-line bg-surface">
      <ProblemNote error={pages.error} />
      {isEmpty && filter === null ? (
        <EmptyState icon={ListChecks} title={t("jobs.empty-title")}>
          {t("jobs.empty")}
        </EmptyState>
      ) : (
        <>
          <FilterBar>
            <FilterSelect
              label={t("jobs.filter.state")}
              value={filter ?? ""}
              onChange={(state) => setParams({ state })}
              options={[
                { value: "", label: t("jobs.filter.all") },
                { value: "active", label: t("jobs.filter.active") },
                { value: "failed", label: t("jobs.filter.failed") },
              ]}
            />
          </FilterBar>
          {pages.isPending ? <RowsSkeleton /> : null}
          {isEmpty ? (
            <EmptyState
              icon={SearchX}
              title={t("jobs.none-match-title")}
              action={
                <Button onClick={() => setParams({ state: null })}>{t("servers.clear-filters")}</Button>
              }
            >
              {t("jobs.none-match")}
            </EmptyState>
          ) : null}
          {rows.length > 0 ? (
            <DataTable
              label={t("jobs.title")}
              columns={columns}
              rows={rows}
              rowId={(row) => row.id}
              rowName={(row) => row.verb}
              rowHref={(row) => `/jobs/${row.id}`}
            />
          ) : null}
          {pages.hasNextPage ? (
            <div className="grid justify-items-center border-line border-t p-3">
              <Button
                size="small"
                isBusy={pages.isFetchingNextPage}
                onClick={() => void pages.fetchNextPage()}
              >
                {t("controls.load-more")}
              </Button>
            </div>
          ) : null}
        </>
      )}
    </div>
  );
}

function useJobColumns(hasServer: boolean): readonly Column<JobRow>[] {
  const { t, format } = useWords();
  const verbWords = useVerbWords();
  return useMemo(() => {
    const columns: (Column<JobRow> | null)[] = [
      {
        id: "job",
        header: t("jobs.column.job"),
        cell: (row) => (
          <>
            <Link href={`/jobs/${row.id}`} tabIndex={-1} className="font-medium hover:underline">
              {verbWords(row.verb, row.args)}
            </Link>
            {hasServer ? (
              <span className="block text-ink-3 text-meta sm:hidden">{row.serverName}</span>
            ) : null}
          </>
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
  }, [t, format, verbWords, hasServer]);
}
