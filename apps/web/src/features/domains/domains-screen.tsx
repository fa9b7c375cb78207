"use client";
import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Globe, Plus, SearchX } from "lucide-react";
import Link from "next/link";
import { useMemo } from "react";
import { paging } from "../../client/paging.ts";
import type { RouterOutputs } from "../../client/router-types.ts";
import { useTRPC } from "../../client/trpc.tsx";
import { useUrlParams } from "../../client/use-url-params.ts";
import { Button } from "../../components/button.tsx";
import { type Column, DataTable } from "../../components/data-table.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { FilterBar, FilterSelect, SearchBox } from "../../components/filter-bar.tsx";
import { LevelWord } from "../../components/level.tsx";
import { PageHeader } from "../../components/page-header.tsx";
import { ProblemNote } from "../../components/problem-note.tsx";
import { RowsSkeleton } from "../../components/skeleton.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { AddDomainDialog } from "./add-domain-dialog.tsx";
import { readDomainFilters } from "./domain-filters.ts";

type DomainRow = RouterOutputs["domains"]["list"]["domains"][number];

/** Does the world agree that our domains are right? */
export function DomainsScreen() {
  const { t } = useWords();
  const trpc = useTRPC();
  const [params, setParams] = useUrlParams();
  const filters = readDomainFilters(params);
  const query = useInfiniteQuery(
    trpc.domains.list.infiniteQueryOptions(filters, {
      ...paging,
      placeholderData: keepPreviousData,
    }),
  );
  const tenants = useQuery(trpc.tenants.list.queryOptions());
  const columns = useDomainColumns();
  const rows = useMemo(() => query.data?.pages.flatMap((page) => page.domains) ?? [], [query.data]);
  const isFiltered = filters.search !== undefined || filters.tenantId !== undefined;
  const isEmpty = query.isSuccess && rows.length === 0;
  const add = (
    <Button look="primary" onClick={() => setParams({ add: "1" })}>
      <Plus aria-hidden="true" className="size-4" />
      {t("domains.add")}
    </Button>
  );
  return (
    <>
      <PageHeader title={t("domains.title")} actions={add} />
      <ProblemNote error={query.error} />
      <div className="rounded-ui border border-line bg-surface">
        {isEmpty && !isFiltered ? (
          <EmptyState icon={Globe} title={t("domains.empty-title")} action={add}>
            {t("domains.empty")}
          </EmptyState>
        ) : (
          <>
            <FilterBar>
              <SearchBox
                label={t("domains.search")}
                value={filters.search ?? ""}
                onChange={(q) => setParams({ q })}
              />
              <FilterSelect
                label={t("servers.filter.customer")}
                value={filters.tenantId ?? ""}
                onChange={(customer) => setParams({ customer })}
                options={[
                  { value: "", label: t("servers.filter.all-customers") },
                  ...(tenants.data ?? []).map((tenant) => ({ value: tenant.id, label: tenant.name })),
                ]}
              />
              <span className="figures ml-auto pl-2 text-ink-3 text-meta" role="status">
                {query.isSuccess ? t("domains.count", { count: query.data.pages[0]?.total ?? 0 }) : null}
              </span>
            </FilterBar>
            {query.isPending ? <RowsSkeleton /> : null}
            {isEmpty ? (
              <EmptyState
                icon={SearchX}
                title={t("domains.none-match-title")}
                action={
                  <Button onClick={() => setParams({ q: null, customer: null })}>
                    {t("servers.clear-filters")}
                  </Button>
                }
              >
                {t("domains.none-match")}
              </EmptyState>
            ) : null}
            {rows.length > 0 ? (
              <DataTable
                label={t("domains.title")}
                columns={columns}
                rows={rows}
                rowId={(row) => row.id}
                rowName={(row) => row.name}
                rowHref={(row) => `/domains/${row.id}`}
              />
            ) : null}
            {query.hasNextPage ? (
              <div className="grid justify-items-center border-line border-t p-3">
                <Button
                  size="small"
                  isBusy={query.isFetchingNextPage}
                  onClick={() => void query.fetchNextPage()}
                >
                  {t("controls.load-more")}
                </Button>
              </div>
            ) : null}
          </>
        )}
      </div>
      <AddDomainDialog
        isOpen={params.get("add") === "1"}
        onOpenChange={(isOpen) => setParams({ add: isOpen ? "1" : null })}
      />
    </>
  );
}

function useDomainColumns(): readonly Column<DomainRow>[] {
  const { t, format } = useWords();
  return useMemo(
    () => [
      {
        id: "domain",
        header: t("domains.column.domain"),
        cell: (row) => (
          <Link
            href={`/domains/${row.id}`}
            tabIndex={-1}
            className="font-medium font-mono hover:underline [overflow-wrap:anywhere]"
          >
            {row.unicodeName}
          </Link>
        ),
      },
      { id: "records", header: t("domains.column.records"), cell: (row) => <RecordsCell row={row} /> },
      {
        id: "customer",
        header: t("domains.column.customer"),
        from: "sm",
        cell: (row) => <span className="block max-w-48 truncate text-ink-2">{row.tenantName}</span>,
      },
      {
        id: "servers",
        header: t("domains.column.servers"),
        from: "lg",
        cell: (row) => <span className="text-ink-2">{row.serverNames.join(", ")}</span>,
      },
      {
        id: "mailboxes",
        header: t("domains.column.mailboxes"),
        align: "right",
        from: "md",
        cell: (row) => format.number(row.mailboxCount),
      },
      {
        id: "signing",
        header: t("domains.column.signing"),
        from: "md",
        cell: (row) => (
          <LevelWord level={row.isSigning ? "good" : "attention"}>
            {row.isSigning ? t("domains.signing") : t("domains.not-signing")}
          </LevelWord>
        ),
      },
    ],
    [t, format],
  );
}

const healthLevels = {
  right: "good",
  incomplete: "attention",
  wrong: "trouble",
  unanswered: "unknown",
  unchecked: "unknown",
} as const;

function RecordsCell({ row }: { row: DomainRow }) {
  const { t } = useWords();
  return <LevelWord level={healthLevels[row.health]}>{t(`domains.health.${row.health}`)}</LevelWord>;
}
