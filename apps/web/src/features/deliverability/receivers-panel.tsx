"use client";
import { Send } from "lucide-react";
import type { RouterOutputs } from "../../client/router-types.ts";
import { useUrlParams } from "../../client/use-url-params.ts";
import { AwaitedPanel } from "../../components/awaited-panel.tsx";
import { type Column, DataTable } from "../../components/data-table.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { FilterSelect } from "../../components/filter-bar.tsx";
import { Panel } from "../../components/panel.tsx";
import { Ago } from "../../components/time.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { ProviderDetails } from "./provider-details.tsx";
import { ReputationSince } from "./reputation-word.tsx";
import { readSpan, spans } from "./spans.ts";
import { type Subject, useOverview } from "./use-sender.ts";

type Provider = RouterOutputs["deliverability"]["domain"]["providers"][number];

/** How each receiver takes the mail of a domain or a server, and why. */
export function ReceiversPanel({ subject }: { subject: Subject }) {
  const { t } = useWords();
  const [params, setParams] = useUrlParams();
  const span = readSpan(params);
  const isOfAddress = subject.kind === "server" && subject.address !== undefined;
  // How long it took is added up for whole servers alone.
  const columns = useColumns().filter(({ id }) => !isOfAddress || id !== "time");
  const query = useOverview(subject);
  const overview = query.data;
  if (overview === undefined)
    return <AwaitedPanel id="receivers" title={t("deliverability.receivers")} query={query} />;
  return (
    <Panel
      id="receivers"
      title={t("deliverability.receivers")}
      description={t("deliverability.lead")}
      actions={
        <>
          {overview.toldAt === null ? null : (
            <span className="text-ink-3 text-meta">
              {t("deliverability.told")} <Ago at={overview.toldAt} />
            </span>
          )}
          <FilterSelect
            label={t("deliverability.span")}
            value={span}
            onChange={(value) => setParams({ span: value === "week" ? null : value })}
            options={spans.map((value) => ({ value, label: t(`deliverability.span.${value}`) }))}
          />
        </>
      }
      isFlush
    >
      {overview.unreadBatches === 0 ? null : (
        <p className="border-line border-b px-4 py-2.5 text-attention text-table">
          {t("deliverability.unread-batches", { count: overview.unreadBatches })}
        </p>
      )}
      {overview.unreadRows === 0 ? null : (
        <p className="border-line border-b px-4 py-2.5 text-attention text-table">
          {t("deliverability.unread-rows", { count: overview.unreadRows })}
        </p>
      )}
      {overview.providers.length === 0 ? (
        <EmptyState
          icon={Send}
          title={t(overview.toldAt === null ? "deliverability.untold-title" : "deliverability.empty-title")}
        >
          {t("deliverability.empty")}
        </EmptyState>
      ) : (
        <DataTable
          label={t("deliverability.receivers")}
          columns={columns}
          rows={overview.providers}
          rowId={(row) => row.provider ?? ""}
          rowName={(row) => row.title ?? t("deliverability.others")}
          details={(row) => (
            <ProviderDetails
              provider={row}
              measures={subject.kind === "server" ? { serverId: subject.serverId } : null}
            />
          )}
        />
      )}
    </Panel>
  );
}

function useColumns(): readonly Column<Provider>[] {
  const { t, format } = useWords();
  const figures = (value: string) => <span className="figures whitespace-nowrap">{value}</span>;
  return [
    {
      id: "receiver",
      header: t("deliverability.column.receiver"),
      cell: (row) => <span className="font-medium">{row.title ?? t("deliverability.others")}</span>,
    },
    {
      id: "reputation",
      header: t("deliverability.column.reputation"),
      cell: (row) => <ReputationSince reputation={row.reputation} since={row.since} />,
    },
    {
      id: "messages",
      header: t("deliverability.column.messages"),
      align: "right",
      from: "sm",
      cell: (row) => figures(format.number(row.messages)),
    },
    {
      id: "delivered",
      header: t("deliverability.column.delivered"),
      align: "right",
      from: "sm",
      cell: (row) => figures(format.number(row.delivered)),
    },
    {
      id: "deferred",
      header: t("deliverability.column.deferred"),
      align: "right",
      from: "md",
      cell: (row) => figures(format.number(row.deferred)),
    },
    {
      id: "refused",
      header: t("deliverability.column.refused"),
      align: "right",
      from: "sm",
      cell: (row) => figures(format.number(row.refused)),
    },
    {
      id: "time",
      header: t("deliverability.column.time"),
      align: "right",
      from: "lg",
      cell: (row) => figures(row.medianS === null ? "" : format.duration(row.medianS * 1000)),
    },
    {
      id: "tls",
      header: t("deliverability.column.tls"),
      align: "right",
      from: "lg",
      cell: (row) => figures(row.delivered === 0 ? "" : format.percent(row.deliveredOverTls / row.delivered)),
    },
    {
      id: "last",
      header: t("deliverability.column.last"),
      align: "right",
      from: "md",
      cell: (row) => (
        <span className="text-ink-2">
          {row.lastDeliveredAt === null ? (
            t("deliverability.never")
          ) : (
            <Ago at={new Date(row.lastDeliveredAt)} />
          )}
        </span>
      ),
    },
  ];
}
