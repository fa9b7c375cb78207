"use client";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { CircleCheck } from "lucide-react";
import { useMemo } from "react";
import { exportHref } from "../../client/export-href.ts";
import { paging } from "../../client/paging.ts";
import type { RouterOutputs } from "../../client/router-types.ts";
import { useTRPC } from "../../client/trpc.tsx";
import { useList } from "../../client/use-list.ts";
import { useUrlParams } from "../../client/use-url-params.ts";
import type { Column } from "../../components/data-table.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { ListFrame } from "../../components/list-frame.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { CustomerFilter } from "../tenants/customer-filter.tsx";
import { softwareOfServerColumns } from "./software-of-server-columns.tsx";
import { readRestartFilters } from "./update-filters.ts";
import { RestartReasons, UnitNames } from "./update-words.tsx";
import { UpdatesHeader } from "./updates-header.tsx";

type Row = RouterOutputs["updates"]["toRestart"]["servers"][number];

/** Which servers still run what an update has replaced? */
export function RestartScreen() {
  const { t } = useWords();
  const trpc = useTRPC();
  const [params, setParams] = useUrlParams();
  const filters = readRestartFilters(params);
  const list = useList(
    useInfiniteQuery(
      trpc.updates.toRestart.infiniteQueryOptions(filters, { ...paging, placeholderData: keepPreviousData }),
    ),
    "servers",
  );
  const columns = useRestartColumns();
  return (
    <>
      <UpdatesHeader lead={t("restart.lead")} />
      <h2 className="sr-only">{t("updates.tab.restart")}</h2>
      <ListFrame
        name="restarts"
        label={t("updates.tab.restart")}
        list={list}
        columns={columns}
        rowId={(row) => row.id}
        rowName={(row) => row.serverName}
        rowHref={(row) => `/servers/${row.serverId}/software`}
        countWords={(count) => t("restart.count", { count })}
        exportHref={exportHref("restarts", params)}
        isFiltered={filters.tenantId !== undefined}
        onClearFilters={() => setParams({ customer: null })}
        empty={
          <EmptyState icon={CircleCheck} title={t("restart.empty-title")}>
            {t("restart.empty")}
          </EmptyState>
        }
        noneMatch={{ title: t("restart.none-title"), advice: t("restart.none") }}
        filters={
          <CustomerFilter value={filters.tenantId ?? ""} onChange={(customer) => setParams({ customer })} />
        }
      />
    </>
  );
}

function useRestartColumns(): readonly Column<Row>[] {
  const { t } = useWords();
  return useMemo(
    () => [
      ...softwareOfServerColumns<Row>(t, { customerFrom: "md" }),
      {
        id: "why",
        header: t("updates.column.why"),
        cell: (row) =>
          row.rebootReasons.length === 0 ? (
            <span className="text-ink-3">{t("restart.services-only")}</span>
          ) : (
            <RestartReasons reasons={row.rebootReasons} />
          ),
      },
      {
        id: "services",
        header: t("updates.column.services"),
        from: "sm",
        cell: (row) =>
          row.outdatedUnits.length === 0 ? (
            <span className="text-ink-3">–</span>
          ) : (
            <UnitNames units={row.outdatedUnits} />
          ),
      },
    ],
    [t],
  );
}
