"use client";
import { providers } from "@mailstead/core/delivery";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { MailCheck } from "lucide-react";
import { exportHref } from "../../client/export-href.ts";
import { paging } from "../../client/paging.ts";
import { useTRPC } from "../../client/trpc.tsx";
import { useList } from "../../client/use-list.ts";
import { useUrlParams } from "../../client/use-url-params.ts";
import { EmptyState } from "../../components/empty-state.tsx";
import { FilterSelect, SearchBox } from "../../components/filter-bar.tsx";
import { ListFrame } from "../../components/list-frame.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { readFleetFilters, standingsAsk } from "./fleet-filters.ts";
import { useStandingColumns } from "./standing-columns.tsx";

/** Servers or domains by how receivers take their mail, the worst first. */
export function StandingsList() {
  const { t } = useWords();
  const trpc = useTRPC();
  const [params, setParams] = useUrlParams();
  const filters = readFleetFilters(params);
  const list = useList(
    useInfiniteQuery(
      trpc.deliverability.standings.infiniteQueryOptions(standingsAsk(filters), {
        ...paging,
        placeholderData: keepPreviousData,
      }),
    ),
    "rows",
  );
  const columns = useStandingColumns(filters.of);
  return (
    <section id="senders" className="grid scroll-mt-16 gap-2">
      <h2 className="font-semibold text-heading">{t("deliverability.senders")}</h2>
      <ListFrame
        name="standings"
        label={t("deliverability.senders")}
        list={list}
        columns={columns}
        rowId={(row) => row.id}
        rowName={(row) => row.name}
        rowHref={(row) => `/${filters.of}/${row.id}/deliverability`}
        countWords={(count) =>
          t(filters.of === "servers" ? "deliverability.count.servers" : "deliverability.count.domains", {
            count,
          })
        }
        exportHref={exportHref("standings", params)}
        isFiltered={
          filters.search !== undefined || filters.tenantId !== undefined || filters.provider !== undefined
        }
        onClearFilters={() => setParams({ q: null, customer: null, provider: null })}
        empty={
          <EmptyState icon={MailCheck} title={t("deliverability.senders-empty-title")}>
            {t("deliverability.senders-empty")}
          </EmptyState>
        }
        noneMatch={{
          title: t("deliverability.none-match-title"),
          advice: t("deliverability.none-match"),
        }}
        filters={
          <>
            <SearchBox
              label={t("deliverability.search")}
              value={filters.search ?? ""}
              onChange={(q) => setParams({ q })}
            />
            <FilterSelect
              label={t("deliverability.of")}
              value={filters.of === "servers" ? "" : filters.of}
              onChange={(of) => setParams({ of })}
              options={[
                { value: "", label: t("deliverability.of.servers") },
                { value: "domains", label: t("deliverability.of.domains") },
              ]}
            />
            <FilterSelect
              label={t("deliverability.column.receiver")}
              value={filters.provider ?? ""}
              onChange={(provider) => setParams({ provider })}
              options={[
                { value: "", label: t("deliverability.all-receivers") },
                ...Object.entries(providers).map(([value, { title }]) => ({ value, label: title })),
                { value: "other", label: t("deliverability.others") },
              ]}
            />
          </>
        }
      />
    </section>
  );
}
