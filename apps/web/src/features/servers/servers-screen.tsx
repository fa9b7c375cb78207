"use client";
import { serverStatuses } from "@mailstead/core/servers";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { Plus, Server, Tags } from "lucide-react";
import { useCallback, useState } from "react";
import { exportHref } from "../../client/export-href.ts";
import { paging } from "../../client/paging.ts";
import { useTRPC } from "../../client/trpc.tsx";
import { useList } from "../../client/use-list.ts";
import { useUrlParams } from "../../client/use-url-params.ts";
import { Button } from "../../components/button.tsx";
import type { Selection } from "../../components/data-table.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { FilterSelect, SearchBox } from "../../components/filter-bar.tsx";
import { ListFrame } from "../../components/list-frame.tsx";
import { MoreMenu } from "../../components/more-menu.tsx";
import { PageHeader } from "../../components/page-header.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { IfMay, useMay } from "../access/role-provider.tsx";
import { useFollow } from "../live/live-provider.tsx";
import { everyServer } from "../live/topics.ts";
import { ManageTagsDialog } from "../tags/manage-tags-dialog.tsx";
import { TagFilter } from "../tags/tag-filter.tsx";
import { CustomerFilter } from "../tenants/customer-filter.tsx";
import { AddServerDialog } from "./add-server-dialog.tsx";
import { useServerColumns } from "./server-columns.tsx";
import { nextSort, readServerFilters } from "./server-filters.ts";
import { ServersBulkBar } from "./servers-bulk-bar.tsx";

/** Which of my servers need me? */
export function ServersScreen() {
  const { t } = useWords();
  const trpc = useTRPC();
  const [params, setParams] = useUrlParams();
  const filters = readServerFilters(params);
  const [selection, setSelection] = useState<Selection>({});
  const may = useMay();
  const mayAct = may("servers.converge") || may("servers.refreshFacts");
  const list = useList(
    useInfiniteQuery(
      trpc.servers.list.infiniteQueryOptions(filters, { ...paging, placeholderData: keepPreviousData }),
    ),
    "servers",
  );
  useFollow([everyServer], list.refresh);
  const columns = useServerColumns(useCallback((tags: string) => setParams({ tags }), [setParams]));
  const [isManagingTags, setManagingTags] = useState(false);
  const add = (
    <IfMay use="servers.add">
      <Button look="primary" onClick={() => setParams({ add: "1" })}>
        <Plus aria-hidden="true" className="size-4" />
        {t("servers.add")}
      </Button>
    </IfMay>
  );
  return (
    <>
      <PageHeader
        title={t("servers.title")}
        actions={
          <>
            {add}
            <MoreMenu
              label={t("controls.more")}
              look="secondary"
              groups={[
                [
                  may("tags.rename") &&
                    may("tags.remove") && {
                      label: t("tags.manage"),
                      icon: <Tags aria-hidden="true" className="size-3.5 text-ink-3" />,
                      onSelect: () => setManagingTags(true),
                    },
                ],
              ]}
            />
          </>
        }
      />
      <ListFrame
        name="servers"
        label={t("servers.title")}
        list={list}
        columns={columns}
        rowId={(row) => row.id}
        rowName={(row) => row.name}
        rowHref={(row) => `/servers/${row.id}`}
        sorting={{ key: filters.sort, isDescending: filters.isDescending }}
        onSort={(key) => setParams({ sort: nextSort(filters, key) })}
        {...(mayAct ? { selection, onSelectionChange: setSelection } : {})}
        countWords={(count) => t("servers.count", { count })}
        exportHref={exportHref("servers", params)}
        isFiltered={
          filters.search !== undefined ||
          filters.state !== undefined ||
          filters.tenantId !== undefined ||
          filters.tags !== undefined
        }
        onClearFilters={() => setParams({ q: null, state: null, customer: null, tags: null })}
        empty={
          <EmptyState icon={Server} title={t("servers.empty-title")} action={add}>
            {t("servers.empty")}
          </EmptyState>
        }
        noneMatch={{ title: t("servers.none-match-title"), advice: t("servers.none-match") }}
        filters={
          <>
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
            <CustomerFilter value={filters.tenantId ?? ""} onChange={(customer) => setParams({ customer })} />
            <TagFilter value={params.get("tags") ?? ""} onChange={(tags) => setParams({ tags })} />
          </>
        }
      />
      <ServersBulkBar
        servers={list.rows.filter((row) => selection[row.id])}
        onClear={() => setSelection({})}
      />
      <IfMay use="tags.rename">
        <IfMay use="tags.remove">
          <ManageTagsDialog isOpen={isManagingTags} onOpenChange={setManagingTags} />
        </IfMay>
      </IfMay>
      <IfMay use="servers.add">
        <AddServerDialog
          isOpen={params.get("add") === "1"}
          onOpenChange={(isOpen) => setParams({ add: isOpen ? "1" : null })}
        />
      </IfMay>
    </>
  );
}
