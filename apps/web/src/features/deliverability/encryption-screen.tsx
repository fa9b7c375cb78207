"use client";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Lock } from "lucide-react";
import Link from "next/link";
import { useState } from "react";
import type { RouterOutputs } from "../../client/router-types.ts";
import { useTRPC } from "../../client/trpc.tsx";
import { useUrlParams } from "../../client/use-url-params.ts";
import { AwaitedPanel } from "../../components/awaited-panel.tsx";
import { Button } from "../../components/button.tsx";
import { type Column, DataTable } from "../../components/data-table.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { LevelWord } from "../../components/level.tsx";
import { Panel } from "../../components/panel.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { AddedUpNote } from "./added-up-note.tsx";
import { BehindNote } from "./behind-note.tsx";
import { fleetAsk, readFleetFilters } from "./fleet-filters.ts";
import { FleetHeader } from "./fleet-header.tsx";
import { useReceiverName } from "./use-receiver-name.ts";

type Tls = RouterOutputs["deliverability"]["tls"];

/** How mail is encrypted on its way out and in. */
export function EncryptionScreen() {
  const { t } = useWords();
  const trpc = useTRPC();
  const [params] = useUrlParams();
  const query = useQuery(
    trpc.deliverability.tls.queryOptions(fleetAsk(readFleetFilters(params)), {
      placeholderData: keepPreviousData,
    }),
  );
  const { data } = query;
  return (
    <>
      <FleetHeader lead={t("tls.lead")} />
      {data === undefined ? (
        <AwaitedPanel title={t("tls.received")} query={query} />
      ) : (
        <div className="grid gap-4">
          <BehindNote />
          <AddedUpNote at={data.keptAt} />
          <Received tls={data} />
          <Sent tls={data} />
        </div>
      )}
    </>
  );
}

function Sent({ tls: { sent, clearServers } }: { tls: Tls }) {
  const { t, format } = useWords();
  const nameOf = useReceiverName();
  const figures = (value: number) => <span className="figures">{format.number(value)}</span>;
  const columns: readonly Column<Tls["sent"][number]>[] = [
    {
      id: "receiver",
      header: t("deliverability.column.receiver"),
      cell: (row) => <span className="font-medium">{nameOf(row.provider)}</span>,
    },
    {
      id: "share",
      header: t("tls.column.share"),
      align: "right",
      cell: (row) => (
        <span className="figures">
          {row.delivered === 0 ? "–" : format.part(row.overTls / row.delivered)}
        </span>
      ),
    },
    {
      id: "clear",
      header: t("tls.column.clear"),
      align: "right",
      cell: (row) => figures(row.delivered - row.overTls),
    },
    {
      id: "delivered",
      header: t("tls.column.delivered"),
      align: "right",
      from: "sm",
      cell: (row) => figures(row.delivered),
    },
  ];
  return (
    <Panel title={t("tls.sent")} description={t("tls.sent-lead")} isFlush>
      {sent.length === 0 ? (
        <p className="px-4 py-3.5 text-ink-2 text-table">{t("tls.sent-empty")}</p>
      ) : (
        <DataTable
          label={t("tls.sent")}
          columns={columns}
          rows={sent}
          rowId={(row) => row.provider ?? ""}
          rowName={(row) => nameOf(row.provider)}
          rowHref={(row) => `/deliverability?provider=${row.provider ?? "other"}`}
        />
      )}
      {clearServers.length === 0 ? null : (
        <p className="border-line border-t px-4 py-3 text-ink-2 text-table">
          {t("tls.clear-servers")}{" "}
          {clearServers.map(({ id, name, clear }, index) => (
            <span key={id}>
              {index > 0 ? ", " : ""}
              <Link href={`/servers/${id}/deliverability`} className="text-accent hover:underline">
                {name}
              </Link>{" "}
              ({format.number(clear)})
            </span>
          ))}
          .
        </p>
      )}
    </Panel>
  );
}

const policies = ["sts", "tlsa", "no-policy-found"] as const;

/** More than a screen holds; those with most failed sessions are the first. */
const shownAtFirst = 60;

function Received({ tls: { received, unreported } }: { tls: Tls }) {
  const { t, format } = useWords();
  const [areAllShown, setAllShown] = useState(false);
  const hidden = areAllShown ? 0 : received.length - shownAtFirst;
  const policyWord = (told: string | null) =>
    t(`tls.policy.${policies.find((known) => known === told) ?? "unknown"}`);
  const columns: readonly Column<Tls["received"][number]>[] = [
    {
      id: "domain",
      header: t("deliverability.column.domain"),
      cell: (row) => <span className="font-mono [overflow-wrap:anywhere]">{row.domain}</span>,
    },
    {
      id: "failed",
      header: t("tls.column.failed"),
      align: "right",
      cell: (row) => (
        <LevelWord level={row.failed > 0 ? "attention" : "good"}>
          <span className="figures">{format.number(row.failed)}</span>
        </LevelWord>
      ),
    },
    {
      id: "sessions",
      header: t("tls.column.sessions"),
      align: "right",
      cell: (row) => <span className="figures">{format.number(row.sessions)}</span>,
    },
    {
      id: "policy",
      header: t("tls.column.policy"),
      from: "md",
      cell: (row) => policyWord(row.policy),
    },
    {
      id: "reporters",
      header: t("tls.column.reporters"),
      from: "lg",
      cell: (row) => (
        <span className="text-ink-2">
          {row.reporters.slice(0, 3).join(", ")} ({t("tls.reports", { count: row.reports })})
        </span>
      ),
    },
    {
      id: "customer",
      header: t("domains.column.customer"),
      from: "xl",
      cell: (row) => <span className="text-ink-2">{row.tenantName}</span>,
    },
  ];
  return (
    <Panel title={t("tls.received")} description={t("tls.received-lead")} isFlush>
      {received.length === 0 ? (
        <EmptyState icon={Lock} title={t("tls.received-empty")}>
          {t("tls.unreported", { count: unreported })}
        </EmptyState>
      ) : (
        <>
          <DataTable
            label={t("tls.received")}
            columns={columns}
            rows={hidden > 0 ? received.slice(0, shownAtFirst) : received}
            rowId={(row) => row.id}
            rowName={(row) => row.domain}
            details={(row) => <Failures row={row} />}
          />
          {hidden > 0 ? (
            <div className="border-line border-t px-4 py-2">
              <Button look="quiet" size="small" onClick={() => setAllShown(true)}>
                {t("tls.more", { count: hidden })}
              </Button>
            </div>
          ) : null}
          {unreported === 0 ? null : (
            <p className="border-line border-t px-4 py-3 text-ink-3 text-table">
              {t("tls.unreported", { count: unreported })}
            </p>
          )}
        </>
      )}
    </Panel>
  );
}

/** What failed of a domain's sessions, where, and the way to its reports. */
function Failures({ row: { id, failures } }: { row: Tls["received"][number] }) {
  const { t } = useWords();
  return (
    <div className="grid gap-3 px-4 py-4">
      {failures.length === 0 ? (
        <p className="text-ink-2">{t("tls.no-failure")}</p>
      ) : (
        <ul className="grid gap-2">
          {failures.map(({ type, sessions, hosts, reasons }) => (
            <li key={type} className="grid gap-0.5">
              <span>
                <span className="font-mono">{type}</span>, {t("tls.sessions", { count: sessions })}
                {hosts.length === 0 ? null : `, ${t("tls.hosts", { hosts: hosts.join(", ") })}`}
              </span>
              {reasons.length === 0 ? null : (
                <span className="font-mono text-ink-3 text-meta [overflow-wrap:anywhere]">
                  {reasons.join("; ")}
                </span>
              )}
            </li>
          ))}
        </ul>
      )}
      <Link href={`/domains/${id}/deliverability#reports`} className="w-fit text-accent hover:underline">
        {t("tls.to-reports")}
      </Link>
    </div>
  );
}
