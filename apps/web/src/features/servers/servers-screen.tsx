"use client";
import { serverStatuses } from "@mailstead/core/servers";
import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Download, Plus, SearchX, Server } from "lucide-react";
import { useMemo, useState } from "react";
import { paging } from "../../client/paging.ts";
import { useTRPC } from "../../client/trpc.tsx";
import { useUrlParams } from "../../client/use-url-params.ts";
import { Button, IconButton } from "../../components/button.tsx";
import { DataTable } from "../../components/data-table.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { FilterBar, FilterSelect, SearchBox } from "../../components/filter-bar.tsx";
import { PageHeader } from "../../components/page-header.tsx";
import { ProblemNote } from "../../components/problem-note.tsx";
import { RowsSkeleton } from "../../components/skeleton.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { useFollow } from "../live/live-provider.tsx";
import { AddServerDialog } from "./add-server-dialog.tsx";
import { useServerColumns } from "./server-columns.tsx";
import { readServerFilters } from "./server-filters.ts";
import { ServersBulkBar } from "./servers-bulk-bar.tsx";
import { downloadServersCsv } from "./servers-csv.ts";

/** Which of my servers need me? */
export function ServersScreen() {
  const { t } = useWords();
  const trpc = useTRPC();
  const [params, setParams] = useUrlParams();
  const filters = readServerFilters(params);
  const [selection, setSelection] = useState<Record<string, true>>({});
  const pages = useInfiniteQuery(
    trpc.servers.list.infiniteQueryOptions(filters, {
      ...paging,
      placeholderData: keepPreviousData,
    }),
  );
  const tenants = useQuery(trpc.tenants.list.queryOptions());
  const rows = useMemo(() => pages.data?.pages.flatMap((page) => page.servers) ?? [], [pages.data]);
  useFollow(
    rows.map((row) => ({ kind: "server", id: row.id })),
    () => void pages.refetch(),
  );
  const columns = useServerColumns();
  const isFiltered =
    filters.search !== undefined || filters.state !== undefined || filters.tenantId !== undefined;
  const clearFilters = () => setParams({ q: null, state: null, customer: null });
  const isEmpty = pages.isSuccess && rows.length === 0;
  const selected = rows.filter((row) => selection[row.id]);

  const onSort = (key: string) => {
    const isFlipped = filters.sort === key && !filters.isDescending;
    setParams({ sort: isFlipped ? `-${key}` : key === "name" ? null : key });
  };

  return (
    <>
      <PageHeader
        title={t("servers.title")}
        actions={
          <Button look="primary" onClick={() => setParams({ add: "1" })}>
            <Plus aria-hidden="true" className="size-4" />
            {t("servers.add")}
          </Button>
        }
      />
      <ProblemNote error={pages.error} />
      <div className="rounded-ui border border-line bg-surface">
        {isEmpty && !isFiltered ? (
          <EmptyState
            icon={Server}
            title={t("servers.empty-title")}
            action={
              <Button look="primary" onClick={() => setParams({ add: "1" })}>
                {t("servers.add")}
              </Button>
            }
          >
            {t("servers.empty")}
          </EmptyState>
        ) : (
          <>
            <FilterBar>
              <SearchBox
                label={t("servers.search")}
                value={filters.search ?? ""}
                onChange={(q) => setParams({ q })}
              />
              <FilterSelect
                label={t("servers.filter.state")}
                value={filters.state ?? ""}
                onChange={(state) => setParams({ state })}
                options={[
                  { value: "", label: t("servers.filter.all-states") },
                  ...serverStatuses.map((status) => ({ value: status, label: t(`status.${status}`) })),
                ]}
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
                {pages.isSuccess ? t("servers.count", { count: pages.data.pages[0]?.total ?? 0 }) : null}
              </span>
              <IconButton
                label={t("servers.export")}
                onClick={() => downloadServersCsv(rows)}
                disabled={rows.length === 0}
              >
                <Download aria-hidden="true" className="size-4" />
              </IconButton>
            </FilterBar>
            {pages.isPending ? <RowsSkeleton rows={10} /> : null}
            {isEmpty ? (
              <EmptyState
                icon={SearchX}
                title={t("servers.none-match-title")}
                action={<Button onClick={clearFilters}>{t("servers.clear-filters")}</Button>}
              >
                {t("servers.none-match")}
              </EmptyState>
            ) : null}
            {rows.length > 0 ? (
              <DataTable
                label={t("servers.title")}
                columns={columns}
                rows={rows}
                rowId={(row) => row.id}
                rowName={(row) => row.name}
                rowHref={(row) => `/servers/${row.id}`}
                sorting={{ key: filters.sort, isDescending: filters.isDescending }}
                onSort={onSort}
                selection={selection}
                onSelectionChange={setSelection}
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
      <ServersBulkBar servers={selected} onClear={() => setSelection({})} />
      <AddServerDialog
        isOpen={params.get("add") === "1"}
        onOpenChange={(isOpen) => setParams({ add: isOpen ? "1" : null })}
      />
    </>
  );
}
