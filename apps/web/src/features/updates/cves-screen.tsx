"use client";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { ShieldCheck } from "lucide-react";
import { exportHref } from "../../client/export-href.ts";
import { paging } from "../../client/paging.ts";
import { useTRPC } from "../../client/trpc.tsx";
import { useList } from "../../client/use-list.ts";
import { useUrlParams } from "../../client/use-url-params.ts";
import { EmptyState } from "../../components/empty-state.tsx";
import { SearchBox } from "../../components/filter-bar.tsx";
import { ListFrame } from "../../components/list-frame.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { CustomerFilter } from "../tenants/customer-filter.tsx";
import { FixFilter } from "./fix-filter.tsx";
import { SecurityListNotes } from "./security-list-notes.tsx";
import { cveHref, readCveFilters } from "./update-filters.ts";
import { UpdatesHeader } from "./updates-header.tsx";
import { useCveColumns } from "./use-cve-columns.tsx";

/** To which CVEs is the fleet open, and which of them can be mended now? */
export function CvesScreen() {
  const { t } = useWords();
  const trpc = useTRPC();
  const [params, setParams] = useUrlParams();
  const filters = readCveFilters(params);
  const list = useList(
    useInfiniteQuery(
      trpc.updates.cves.infiniteQueryOptions(filters, { ...paging, placeholderData: keepPreviousData }),
    ),
    "cves",
  );
  const columns = useCveColumns({ isOfFleet: true });
  return (
    <>
      <UpdatesHeader lead={t("cves.lead")} />
      <div className="grid gap-4">
        <SecurityListNotes />
        <h2 className="sr-only">{t("updates.tab.cves")}</h2>
        <ListFrame
          name="cves"
          label={t("updates.tab.cves")}
          list={list}
          columns={columns}
          rowId={(row) => row.id}
          rowName={(row) => `${row.cve} ${row.sourceName}`}
          rowHref={(row) => cveHref(row.cve)}
          countWords={(count) => t("cves.count", { count })}
          exportHref={exportHref("cves", params)}
          isFiltered={
            filters.search !== undefined || filters.tenantId !== undefined || filters.fix !== undefined
          }
          onClearFilters={() => setParams({ q: null, customer: null, fix: null })}
          empty={
            <EmptyState icon={ShieldCheck} title={t("cves.empty-title")}>
              {t("cves.empty")}
            </EmptyState>
          }
          noneMatch={{ title: t("cves.none-title"), advice: t("cves.none") }}
          filters={
            <>
              <SearchBox
                label={t("cves.search")}
                value={filters.search ?? ""}
                onChange={(q) => setParams({ q })}
              />
              <FixFilter value={filters.fix} onChange={(fix) => setParams({ fix })} />
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
