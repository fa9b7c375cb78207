"use client";
import { memberGroups } from "@mailstead/core/rollouts";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { exportHref } from "../../client/export-href.ts";
import { paging } from "../../client/paging.ts";
import type { RouterOutputs } from "../../client/router-types.ts";
import { useTRPC } from "../../client/trpc.tsx";
import { useList } from "../../client/use-list.ts";
import { useUrlParams } from "../../client/use-url-params.ts";
import type { Column } from "../../components/data-table.tsx";
import { FilterSelect, SearchBox } from "../../components/filter-bar.tsx";
import { ListFrame } from "../../components/list-frame.tsx";
import { Ago } from "../../components/time.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { CustomerFilter } from "../tenants/customer-filter.tsx";
import { isFiltered, readMemberFilters } from "./member-filters.ts";
import { MemberStateWord } from "./member-state-word.tsx";
import { useWaveName } from "./use-wave-name.ts";

type Member = RouterOutputs["rollouts"]["members"]["members"][number];

/** The servers of a rollout, what went wrong first; its filters also hold for the cells above. */
export function MembersList({ rolloutId, waves }: { rolloutId: string; waves: number }) {
  const { t } = useWords();
  const trpc = useTRPC();
  const waveName = useWaveName();
  const [params, setParams] = useUrlParams();
  const filters = readMemberFilters(params);
  const list = useList(
    useInfiniteQuery(
      trpc.rollouts.members.infiniteQueryOptions(
        { rolloutId, ...filters },
        { ...paging, placeholderData: keepPreviousData },
      ),
    ),
    "members",
  );
  const columns = useMemberColumns((server) => setParams({ server }));
  return (
    <ListFrame
      name="rollout-members"
      label={t("rollout.members")}
      list={list}
      columns={columns}
      rowId={(row) => row.id}
      rowName={(row) => row.name}
      countWords={(count) => t("rollout.members.count", { count })}
      exportHref={exportHref("rollout-servers", params, { rollout: rolloutId })}
      isFiltered={isFiltered(filters)}
      onClearFilters={() => setParams({ wave: null, state: null, customer: null, search: null })}
      empty={null}
      noneMatch={{ title: t("rollout.members.none-match-title"), advice: t("rollout.members.none-match") }}
      filters={
        <>
          <SearchBox
            label={t("rollout.members.search")}
            value={filters.search ?? ""}
            onChange={(search) => setParams({ search })}
          />
          <FilterSelect
            label={t("rollout.members.state")}
            value={filters.group ?? ""}
            onChange={(state) => setParams({ state })}
            options={[
              { value: "", label: t("rollout.members.all-states") },
              ...memberGroups.map((group) => ({ value: group, label: t(`rollout.group.${group}`) })),
            ]}
          />
          <FilterSelect
            label={t("rollout.members.wave")}
            value={filters.wave === undefined ? "" : String(filters.wave)}
            onChange={(wave) => setParams({ wave })}
            options={[
              { value: "", label: t("rollout.members.all-waves") },
              ...Array.from({ length: waves }, (_, wave) => ({
                value: String(wave),
                label: waveName(wave),
              })),
            ]}
          />
          <CustomerFilter value={filters.tenantId ?? ""} onChange={(customer) => setParams({ customer })} />
        </>
      }
    />
  );
}

function useMemberColumns(onOpen: (serverId: string) => void): readonly Column<Member>[] {
  const { t } = useWords();
  const waveName = useWaveName();
  // biome-ignore lint/correctness/useExhaustiveDependencies: opening changes the address only, whichever function does it
  return useMemo(
    () => [
      {
        id: "server",
        header: t("rollout.column.server"),
        cell: (row) => (
          <span className="grid min-w-0 leading-tight">
            <button
              type="button"
              onClick={() => onOpen(row.id)}
              className="w-fit max-w-full rounded-ui text-left font-medium hover:underline [overflow-wrap:anywhere]"
            >
              {row.name}
            </button>
            <span className="text-ink-3 text-meta md:hidden">{row.sentence ?? row.tenantName}</span>
          </span>
        ),
      },
      {
        id: "state",
        header: t("rollout.column.state"),
        cell: (row) => <MemberStateWord state={row.state} />,
      },
      {
        id: "says",
        header: t("rollout.column.says"),
        from: "md",
        cell: (row) => (
          <span className="line-clamp-2 max-w-xl text-ink-2 [overflow-wrap:anywhere]">{row.sentence}</span>
        ),
      },
      {
        id: "customer",
        header: t("rollout.column.customer"),
        from: "lg",
        cell: (row) => <span className="text-ink-2">{row.tenantName}</span>,
      },
      {
        id: "wave",
        header: t("rollout.column.wave"),
        from: "sm",
        cell: (row) => <span className="whitespace-nowrap text-ink-2">{waveName(row.wave)}</span>,
      },
      {
        id: "since",
        header: t("rollout.column.since"),
        align: "right",
        from: "lg",
        cell: (row) => (
          <span className="text-ink-2">
            <Ago at={row.stateSince} />
          </span>
        ),
      },
    ],
    [t, waveName],
  );
}
