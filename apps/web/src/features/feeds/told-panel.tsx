"use client";
import { complaintTrend } from "@mailstead/core/feeds";
import { useQuery } from "@tanstack/react-query";
import type { RouterOutputs } from "../../client/router-types.ts";
import { useTRPC } from "../../client/trpc.tsx";
import { type Column, DataTable } from "../../components/data-table.tsx";
import { Panel } from "../../components/panel.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { bandText } from "./share-text.ts";
import { StandingWord } from "./standing-word.tsx";
import { ToldDetails } from "./told-details.tsx";
import { UploadYahoo } from "./upload-yahoo.tsx";

type Told = RouterOutputs["feeds"]["domain"];
type Subject = Told["subjects"][number];

/** What the providers themselves tell of a domain's mail, beside what the servers' logs say. */
export function DomainToldPanel({ domainId }: { domainId: string }) {
  const trpc = useTRPC();
  const { data } = useQuery(trpc.feeds.domain.queryOptions({ domainId }));
  return data === undefined ? null : <ToldPanel told={data} domainId={domainId} />;
}

/** The same of the addresses of a server, or of one of them. */
export function ServerToldPanel({ serverId, address }: { serverId: string; address?: string }) {
  const trpc = useTRPC();
  const { data } = useQuery(trpc.feeds.server.queryOptions({ serverId }));
  if (data === undefined) return null;
  const subjects = data.subjects.filter(({ subject }) => address === undefined || subject === address);
  return <ToldPanel told={{ ...data, subjects }} />;
}

function ToldPanel({ told, domainId }: { told: Told; domainId?: string }) {
  const { t } = useWords();
  const columns = useColumns();
  return (
    <Panel
      id="told"
      title={t("feeds.told")}
      description={t(domainId === undefined ? "feeds.told-lead-server" : "feeds.told-lead-domain")}
      actions={domainId === undefined ? undefined : <UploadYahoo domainId={domainId} />}
      isFlush
    >
      {told.subjects.length === 0 ? (
        <p className="px-4 py-3.5 text-ink-3 text-table">
          {t(told.hasFeed ? "feeds.told-nothing-yet" : "feeds.told-no-feed")}
        </p>
      ) : (
        <DataTable
          label={t("feeds.told")}
          columns={columns}
          rows={told.subjects}
          rowId={(row) => `${row.connectionId} ${row.subject}`}
          rowName={(row) => `${row.title} ${row.subject}`}
          details={(row) => <ToldDetails subject={row} senderId={told.senderId} />}
        />
      )}
    </Panel>
  );
}

function useColumns(): readonly Column<Subject>[] {
  const { t, format } = useWords();
  const newest = (row: Subject) => row.days.at(-1);
  return [
    {
      id: "provider",
      header: t("feeds.column.provider"),
      cell: (row) => (
        <span className="grid leading-tight">
          <span className="font-medium">{row.title}</span>
          {row.kind === "snds" ? <span className="font-mono text-ink-3 text-meta">{row.subject}</span> : null}
          {/* In place of its column, which a phone has no room for. */}
          <span className="text-meta sm:hidden">
            <StandingWord standing={row.standing} />
          </span>
        </span>
      ),
    },
    {
      id: "complaints",
      header: t("feeds.column.complaints"),
      align: "right",
      cell: (row) => (
        <span className="figures whitespace-nowrap">{bandText(newest(row)?.complaints ?? null, format)}</span>
      ),
    },
    {
      id: "trend",
      header: t("feeds.column.trend"),
      from: "sm",
      cell: (row) => <Trend row={row} />,
    },
    {
      id: "day",
      header: t("feeds.column.day"),
      from: "sm",
      cell: (row) => <span className="figures whitespace-nowrap text-ink-2">{newest(row)?.day ?? ""}</span>,
    },
    {
      id: "standing",
      header: t("feeds.column.standing"),
      from: "sm",
      cell: (row) => <StandingWord standing={row.standing} />,
    },
  ];
}

function Trend({ row }: { row: Subject }) {
  const { t, format } = useWords();
  const trend = complaintTrend(row.days);
  if (trend === null) return <span className="text-ink-3">{t("feeds.trend.unknown")}</span>;
  const before = bandText({ lower: trend.before, upper: trend.before }, format);
  return (
    <span className="whitespace-nowrap text-ink-2">{t(`feeds.trend.${trend.direction}`, { before })}</span>
  );
}
