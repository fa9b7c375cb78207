"use client";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { PackageCheck } from "lucide-react";
import { exportHref } from "../../client/export-href.ts";
import { paging } from "../../client/paging.ts";
import { useTRPC } from "../../client/trpc.tsx";
import { useList } from "../../client/use-list.ts";
import { useUrlParams } from "../../client/use-url-params.ts";
import { EmptyState } from "../../components/empty-state.tsx";
import { FilterSelect, SearchBox } from "../../components/filter-bar.tsx";
import { ListFrame } from "../../components/list-frame.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { CustomerFilter } from "../tenants/customer-filter.tsx";
import { UpdateDetails } from "./update-details.tsx";
import { readUpdateFilters } from "./update-filters.ts";
import { UpdatesHeader } from "./updates-header.tsx";
import { UpdatesOverview } from "./updates-overview.tsx";
import { useUpdateColumns } from "./use-update-columns.tsx";

/** What waits over the fleet, and what of it matters first? */
export function UpdatesScreen() {
  const { t } = useWords();
  const trpc = useTRPC();
  const [params, setParams] = useUrlParams();
  const filters = readUpdateFilters(params);
  const list = useList(
    useInfiniteQuery(
      trpc.updates.waiting.infiniteQueryOptions(filters, { ...paging, placeholderData: keepPreviousData }),
    ),
    "updates",
  );
  const columns = useUpdateColumns();
  return (
    <>
      <UpdatesHeader lead={t("updates.lead")} />
      <div className="grid gap-4">
        <UpdatesOverview tenantId={filters.tenantId} />
        <h2 className="sr-only">{t("updates.tab.waiting")}</h2>
        <ListFrame
          name="updates"
          label={t("updates.tab.waiting")}
          list={list}
          columns={columns}
          rowId={(row) => row.id}
          rowName={(row) => row.sourceName}
          details={(row) => <UpdateDetails update={row} />}
          countWords={(count) => t("updates.count", { count })}
          exportHref={exportHref("updates", params)}
          isFiltered={filters.search !== undefined || filters.tenantId !== undefined || filters.onlySecurity}
          onClearFilters={() => setParams({ q: null, customer: null, kind: null })}
          empty={
            <EmptyState icon={PackageCheck} title={t("updates.empty-title")}>
              {t("updates.empty")}
            </EmptyState>
          }
          noneMatch={{ title: t("updates.none-title"), advice: t("updates.none") }}
          filters={
            <>
              <SearchBox
                label={t("updates.search")}
                value={filters.search ?? ""}
                onChange={(q) => setParams({ q })}
              />
              <FilterSelect
                label={t("updates.kind.label")}
                value={filters.onlySecurity ? "security" : ""}
                onChange={(kind) => setParams({ kind })}
                options={[
                  { value: "", label: t("updates.kind.all") },
                  { value: "security", label: t("updates.kind.security") },
                ]}
              />
              <CustomerFilter
                value={filters.tenantId ?? ""}
                onChange={(customer) => setParams({ customer })}
              />
            </>
          }
        />
      </div>
    </>
  );
}
