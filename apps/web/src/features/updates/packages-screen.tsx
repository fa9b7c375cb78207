"use client";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { PackageSearch } from "lucide-react";
import Link from "next/link";
import { exportHref } from "../../client/export-href.ts";
import { paging } from "../../client/paging.ts";
import type { RouterOutputs } from "../../client/router-types.ts";
import { useTRPC } from "../../client/trpc.tsx";
import { useList } from "../../client/use-list.ts";
import { useUrlParams } from "../../client/use-url-params.ts";
import { EmptyState } from "../../components/empty-state.tsx";
import { FilterBar, SearchBox } from "../../components/filter-bar.tsx";
import { ListFrame } from "../../components/list-frame.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { CustomerFilter } from "../tenants/customer-filter.tsx";
import { PackageVersions } from "./package-versions.tsx";
import { packageHref, readPackageFilters } from "./update-filters.ts";
import { UpdatesHeader } from "./updates-header.tsx";
import { usePackageServerColumns } from "./use-package-server-columns.tsx";

type Answer = RouterOutputs["updates"]["search"];

/** Which of my servers run this version? */
export function PackagesScreen() {
  const { t } = useWords();
  const trpc = useTRPC();
  const [params, setParams] = useUrlParams();
  const filters = readPackageFilters(params);
  const query = useInfiniteQuery(
    trpc.updates.search.infiniteQueryOptions(filters, {
      ...paging,
      placeholderData: keepPreviousData,
      enabled: filters.search !== "",
    }),
  );
  const [answer] = query.data?.pages ?? [];
  const hasNone = answer !== undefined && answer.total === 0;
  return (
    <>
      <UpdatesHeader lead={t("packages.lead")} />
      <div className="grid gap-4">
        {/* The same whatever is found, so that who types goes on typing. */}
        <div className="rounded-ui border border-line bg-surface">
          <FilterBar>
            <SearchBox
              label={t("packages.search")}
              value={filters.search}
              onChange={(q) => setParams({ q })}
            />
            <CustomerFilter value={filters.tenantId ?? ""} onChange={(customer) => setParams({ customer })} />
          </FilterBar>
          {filters.search === "" || hasNone ? (
            <NoServers answer={filters.search === "" ? undefined : answer} />
          ) : null}
        </div>
        {filters.search === "" || answer === undefined || answer.versions.length === 0 ? null : (
          <PackageVersions answer={answer} search={filters.search} />
        )}
        {filters.search === "" || hasNone ? null : (
          <>
            <h2 className="sr-only">{t("packages.servers")}</h2>
            <Servers query={query} />
          </>
        )}
      </div>
    </>
  );
}

function NoServers({ answer }: { answer: Answer | undefined }) {
  const { t } = useWords();
  if (answer === undefined)
    return (
      <EmptyState icon={PackageSearch} title={t("packages.empty-title")}>
        {t("packages.empty")}
      </EmptyState>
    );
  if (answer.problem !== null)
    return (
      <EmptyState icon={PackageSearch} title={t("packages.unclear-title")}>
        {answer.problem}
      </EmptyState>
    );
  return (
    <>
      <EmptyState icon={PackageSearch} title={t("packages.none-title")}>
        {t("packages.none")}
      </EmptyState>
      {answer.similar.length === 0 ? null : (
        <div className="grid justify-items-center gap-2 px-6 pb-10 text-table">
          <p className="text-ink-3">{t("packages.similar")}</p>
          <ul className="flex flex-wrap justify-center gap-x-4 gap-y-1">
            {answer.similar.map((name) => (
              <li key={name}>
                <Link href={packageHref(name)} className="text-accent hover:underline">
                  {name}
                </Link>
              </li>
            ))}
          </ul>
        </div>
      )}
    </>
  );
}

function Servers({ query }: { query: Parameters<typeof useList<Answer, "servers">>[0] }) {
  const { t } = useWords();
  const [params, setParams] = useUrlParams();
  const list = useList(query, "servers");
  const columns = usePackageServerColumns();
  return (
    <ListFrame
      name="package-servers"
      label={t("packages.servers")}
      list={list}
      columns={columns}
      rowId={(row) => row.id}
      rowName={(row) => row.serverName}
      rowHref={(row) => `/servers/${row.serverId}/software`}
      countWords={(count) => t("packages.count", { count })}
      exportHref={exportHref("package-servers", params)}
      isFiltered
      onClearFilters={() => setParams({ q: null, customer: null })}
      empty={null}
      noneMatch={{ title: t("packages.none-title"), advice: t("packages.none") }}
    />
  );
}
