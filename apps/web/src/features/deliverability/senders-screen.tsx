"use client";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { ShieldCheck } from "lucide-react";
import { exportHref } from "../../client/export-href.ts";
import { paging } from "../../client/paging.ts";
import type { RouterOutputs } from "../../client/router-types.ts";
import { useTRPC } from "../../client/trpc.tsx";
import { useList } from "../../client/use-list.ts";
import { useUrlParams } from "../../client/use-url-params.ts";
import { EmptyState } from "../../components/empty-state.tsx";
import { FilterSelect, SearchBox } from "../../components/filter-bar.tsx";
import { ListFrame } from "../../components/list-frame.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { AddedUpNote } from "./added-up-note.tsx";
import { FleetHeader } from "./fleet-header.tsx";
import { useSenderColumns } from "./sender-columns.tsx";
import { SenderDetails } from "./sender-details.tsx";
import { readSenderFilters, senderKinds } from "./sender-filters.ts";

type Page = RouterOutputs["deliverability"]["senders"];

/** Who sends mail in the name of the domains, what becomes of it, and what that asks of their owners. */
export function SendersScreen() {
  const { t } = useWords();
  const trpc = useTRPC();
  const [params, setParams] = useUrlParams();
  const filters = readSenderFilters(params);
  const query = useInfiniteQuery(
    trpc.deliverability.senders.infiniteQueryOptions(filters, {
      ...paging,
      placeholderData: keepPreviousData,
    }),
  );
  const list = useList(query, "rows");
  const columns = useSenderColumns();
  const [first] = query.data?.pages ?? [];
  return (
    <>
      <FleetHeader lead={t("senders.lead")} />
      <div className="grid gap-4">
        <AddedUpNote at={first?.keptAt ?? null} />
        {first === undefined ? null : <Sums page={first} />}
        {/* What unfolds has headings of its own, which stand below one. */}
        <h2 className="sr-only">{t("senders.title")}</h2>
        <ListFrame
          name="senders"
          label={t("senders.title")}
          list={list}
          columns={columns}
          rowId={(row) => row.id}
          rowName={(row) => row.addresses[0] ?? row.network ?? t("senders.no-address")}
          details={(row) => <SenderDetails sender={row} filters={filters} />}
          countWords={(count) => t("senders.count", { count })}
          exportHref={exportHref("senders", params)}
          isFiltered={
            filters.search !== undefined || filters.tenantId !== undefined || filters.whose !== "unknown"
          }
          onClearFilters={() => setParams({ q: null, customer: null, whose: null })}
          empty={
            <EmptyState icon={ShieldCheck} title={t("senders.empty-title")}>
              {t("senders.empty")}
            </EmptyState>
          }
          noneMatch={{ title: t("senders.none-title"), advice: t("senders.none") }}
          filters={
            <>
              <SearchBox
                label={t("senders.search")}
                value={filters.search ?? ""}
                onChange={(q) => setParams({ q })}
              />
              <FilterSelect
                label={t("senders.whose")}
                value={filters.whose}
                onChange={(whose) => setParams({ whose: whose === "unknown" ? null : whose })}
                options={senderKinds.map((value) => ({ value, label: t(`senders.whose.${value}`) }))}
              />
            </>
          }
        />
      </div>
    </>
  );
}

function Sums({ page: { sums, reported } }: { page: Page }) {
  const { t, format } = useWords();
  const share = (part: number, of: number) => (of === 0 ? "" : format.part(part / of));
  const figures = [
    {
      term: t("senders.sum.reported"),
      value: reported.messages,
      note: t("senders.sum.domains", { count: reported.domains }),
    },
    {
      term: t("senders.sum.theirs"),
      value: sums.messages,
      note: t("senders.sum.share", { share: share(sums.messages, reported.messages) }),
    },
    { term: t("senders.sum.failed"), value: sums.failed, note: t("senders.sum.failed-note") },
    { term: t("senders.sum.let-in"), value: sums.letIn, note: t("senders.sum.let-in-note") },
  ];
  return (
    <dl className="grid grid-cols-2 gap-px overflow-hidden rounded-ui border border-line bg-line lg:grid-cols-4">
      {figures.map(({ term, value, note }) => (
        <div key={term} className="grid content-start gap-0.5 bg-surface px-4 py-3">
          <dt className="text-ink-3 text-meta">{term}</dt>
          <dd className="figures font-semibold text-figure">{format.number(value)}</dd>
          <dd className="text-ink-3 text-meta">{note}</dd>
        </div>
      ))}
    </dl>
  );
}
