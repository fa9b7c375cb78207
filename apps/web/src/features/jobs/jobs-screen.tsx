"use client";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { ListChecks } from "lucide-react";
import { exportHref } from "../../client/export-href.ts";
import { paging } from "../../client/paging.ts";
import { useTRPC } from "../../client/trpc.tsx";
import { useList } from "../../client/use-list.ts";
import { useUrlParams } from "../../client/use-url-params.ts";
import { EmptyState } from "../../components/empty-state.tsx";
import { FilterSelect } from "../../components/filter-bar.tsx";
import { ListFrame } from "../../components/list-frame.tsx";
import { PageHeader } from "../../components/page-header.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { useFollow } from "../live/live-provider.tsx";
import { everyServer } from "../live/topics.ts";
import { CustomerFilter } from "../tenants/customer-filter.tsx";
import { useJobColumns } from "./job-columns.tsx";
import { readJobFilters } from "./job-filter.ts";
import { useJobName } from "./use-job-name.ts";

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
  const nameOf = useJobName();
  const [params, setParams] = useUrlParams();
  const filters = readJobFilters(params, serverId);
  const list = useList(
    useInfiniteQuery(
      trpc.jobs.list.infiniteQueryOptions(filters, { ...paging, placeholderData: keepPreviousData }),
    ),
    "jobs",
  );
  useFollow([serverId === undefined ? everyServer : { kind: "server", id: serverId }], list.refresh);
  const columns = useJobColumns(serverId === undefined);
  return (
    <ListFrame
      name="jobs"
      label={t("jobs.title")}
      list={list}
      columns={columns}
      rowId={(row) => row.id}
      rowName={nameOf}
      rowHref={(row) => `/jobs/${row.id}`}
      countWords={(count) => t("jobs.count", { count })}
      exportHref={exportHref("jobs", params, serverId === undefined ? {} : { server: serverId })}
      isFiltered={filters.filter !== undefined || filters.tenantId !== undefined}
      onClearFilters={() => setParams({ state: null, customer: null })}
      empty={
        <EmptyState icon={ListChecks} title={t("jobs.empty-title")}>
          {t("jobs.empty")}
        </EmptyState>
      }
      noneMatch={{ title: t("jobs.none-match-title"), advice: t("jobs.none-match") }}
      filters={
        <>
          <FilterSelect
            label={t("jobs.filter.state")}
            value={filters.filter ?? ""}
            onChange={(state) => setParams({ state })}
            options={[
              { value: "", label: t("jobs.filter.all") },
              { value: "active", label: t("jobs.filter.active") },
              { value: "failed", label: t("jobs.filter.failed") },
            ]}
          />
          {serverId === undefined ? (
            <CustomerFilter value={filters.tenantId ?? ""} onChange={(customer) => setParams({ customer })} />
          ) : null}
        </>
      }
    />
  );
}
