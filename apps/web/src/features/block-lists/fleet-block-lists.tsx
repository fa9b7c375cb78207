"use client";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { ListX } from "lucide-react";
import Link from "next/link";
import type { RouterOutputs } from "../../client/router-types.ts";
import { useTRPC } from "../../client/trpc.tsx";
import { useUrlParams } from "../../client/use-url-params.ts";
import { AwaitedPanel } from "../../components/awaited-panel.tsx";
import { type Column, DataTable } from "../../components/data-table.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { LevelSentence, LevelWord } from "../../components/level.tsx";
import { Panel } from "../../components/panel.tsx";
import { Ago } from "../../components/time.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { LastConfirmed, levelOf, WithoutSpamhaus } from "./block-lists-panel.tsx";

type Lists = RouterOutputs["blockLists"]["ofFleet"];

// A round comes once or twice an hour.
const refreshEveryMs = 5 * 60_000;

/** Which block lists name which server now, and how every list answered. */
export function FleetBlockLists() {
  const { t } = useWords();
  const trpc = useTRPC();
  const [params] = useUrlParams();
  const tenantId = params.get("customer");
  const query = useQuery(
    trpc.blockLists.ofFleet.queryOptions(tenantId === null ? {} : { tenantId }, {
      placeholderData: keepPreviousData,
      refetchInterval: refreshEveryMs,
    }),
  );
  const { data } = query;
  if (data === undefined) return <AwaitedPanel title={t("lists.listed")} query={query} />;
  return (
    <div className="grid gap-4">
      {data.withoutSpamhaus === 0 ? null : (
        <div className="overflow-hidden rounded-ui border border-line">
          <WithoutSpamhaus />
        </div>
      )}
      <Listings listings={data.listings} lists={data.lists} />
      {data.lists.length === 0 ? null : <Standings lists={data.lists} />}
      {data.untold === 0 ? null : (
        <p className="text-ink-3 text-table">{t("lists.untold", { count: data.untold })}</p>
      )}
    </div>
  );
}

function Listings({ listings, lists }: Pick<Lists, "listings" | "lists">) {
  const { t } = useWords();
  const columns: readonly Column<Lists["listings"][number]>[] = [
    {
      id: "list",
      header: t("block-lists.column.list"),
      cell: (row) => (
        <LevelWord level={levelOf({ ...row, state: "listed", problem: null })}>
          <span className="font-medium">{row.title}</span>
        </LevelWord>
      ),
    },
    {
      id: "subject",
      header: t("block-lists.column.subject"),
      cell: (row) => (
        <span className="grid gap-0.5">
          <span className="font-mono [overflow-wrap:anywhere]">{row.subject}</span>
          <span className="text-ink-3 text-meta sm:hidden">{row.serverName}</span>
        </span>
      ),
    },
    {
      id: "server",
      header: t("lists.column.server"),
      from: "sm",
      cell: (row) => (
        <Link
          href={`/servers/${row.serverId}/deliverability#block-lists`}
          tabIndex={-1}
          className="hover:underline"
        >
          {row.serverName}
        </Link>
      ),
    },
    {
      id: "since",
      header: t("block-lists.column.since"),
      align: "right",
      from: "sm",
      cell: (row) => (
        <span className="grid justify-items-end gap-0.5 text-ink-2">
          <Ago at={row.since} />
          <LastConfirmed entry={{ ...row, state: "listed" }} />
        </span>
      ),
    },
    {
      id: "weight",
      header: t("block-lists.column.weight"),
      from: "lg",
      cell: (row) => <span className="text-ink-2">{t(`block-lists.weight.${row.weight}`)}</span>,
    },
    {
      id: "customer",
      header: t("domains.column.customer"),
      from: "xl",
      cell: (row) => <span className="text-ink-2">{row.tenantName}</span>,
    },
  ];
  return (
    <Panel title={t("lists.listed")} isFlush>
      {lists.length === 0 ? (
        <EmptyState icon={ListX} title={t("lists.empty-title")}>
          {t("block-lists.empty")}
        </EmptyState>
      ) : listings.length === 0 ? (
        <div className="px-4 py-3.5 text-table">
          <LevelSentence level="good">{t("lists.listed-none")}</LevelSentence>
        </div>
      ) : (
        <DataTable
          label={t("lists.listed")}
          columns={columns}
          rows={listings}
          rowId={(row) => `${row.serverId} ${row.list} ${row.subject}`}
          rowName={(row) => `${row.title} ${row.subject}`}
          rowHref={(row) => `/servers/${row.serverId}/deliverability#block-lists`}
        />
      )}
    </Panel>
  );
}

function Standings({ lists }: Pick<Lists, "lists">) {
  const { t, format } = useWords();
  const figures = (value: number) => <span className="figures">{format.number(value)}</span>;
  const columns: readonly Column<Lists["lists"][number]>[] = [
    {
      id: "list",
      header: t("block-lists.column.list"),
      cell: (row) => <span className="font-medium">{row.title}</span>,
    },
    {
      id: "listed",
      header: t("lists.column.listed"),
      align: "right",
      cell: (row) => figures(row.listed),
    },
    { id: "clear", header: t("lists.column.clear"), align: "right", cell: (row) => figures(row.clear) },
    {
      id: "unknown",
      header: t("lists.column.unknown"),
      align: "right",
      cell: (row) => figures(row.unknown),
    },
    {
      id: "weight",
      header: t("block-lists.column.weight"),
      from: "sm",
      cell: (row) => <span className="text-ink-2">{t(`block-lists.weight.${row.weight}`)}</span>,
    },
  ];
  return (
    <Panel title={t("lists.asked")} description={t("lists.asked-lead")} isFlush>
      <DataTable
        label={t("lists.asked")}
        columns={columns}
        rows={lists}
        rowId={(row) => row.list}
        rowName={(row) => row.title}
      />
    </Panel>
  );
}
