"use client";
import { useQuery } from "@tanstack/react-query";
import { Hourglass } from "lucide-react";
import Link from "next/link";
import type { RouterOutputs } from "../../client/router-types.ts";
import { useTRPC } from "../../client/trpc.tsx";
import { Button } from "../../components/button.tsx";
import { type Column, DataTable } from "../../components/data-table.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { LevelIcon } from "../../components/level.tsx";
import { PageHeader } from "../../components/page-header.tsx";
import { Panel } from "../../components/panel.tsx";
import { ProblemNote } from "../../components/problem-note.tsx";
import { RowsSkeleton } from "../../components/skeleton.tsx";
import { Ago } from "../../components/time.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { IfMay, useMay } from "../access/role-provider.tsx";
import { useFollow } from "../live/live-provider.tsx";
import { everyServer } from "../live/topics.ts";
import { FleetQueuePanel } from "./fleet-queue-panel.tsx";

type Queue = RouterOutputs["mailQueue"]["list"][number];

/** How much waits on each server, the worst first. */
export function QueuesScreen() {
  const { t } = useWords();
  const trpc = useTRPC();
  const queues = useQuery(trpc.mailQueue.list.queryOptions({}));
  useFollow([everyServer], () => void queues.refetch());
  const columns = useColumns();
  const may = useMay();
  return (
    <>
      <PageHeader title={t("queue.title")} description={t("queue.lead")} />
      <ProblemNote error={queues.error} />
      <div className="grid gap-4">
        <Panel isFlush>
          {queues.data === undefined ? (
            queues.error === null ? (
              <RowsSkeleton />
            ) : null
          ) : queues.data.length === 0 ? (
            <EmptyState icon={Hourglass} title={t("queue.empty-title")}>
              {t("queue.empty")}
            </EmptyState>
          ) : (
            <DataTable
              label={t("queue.title")}
              columns={columns}
              rows={queues.data}
              rowId={(row) => row.serverId}
              rowName={(row) => row.serverName}
              rowHref={hrefOf}
            />
          )}
        </Panel>
        {may("mailQueue.read") && may("mailQueue.page") && (queues.data?.length ?? 0) > 0 ? (
          <FleetQueuePanel queues={queues.data ?? []} />
        ) : null}
      </div>
    </>
  );
}

const hrefOf = ({ serverId }: Queue) => `/servers/${serverId}/queue`;

function useColumns(): readonly Column<Queue>[] {
  const { t, format } = useWords();
  const number = (value: number | null) =>
    value === null ? (
      <span className="text-ink-3">{t("queue.not-known")}</span>
    ) : (
      <span className="figures">{format.number(value)}</span>
    );
  return [
    {
      id: "server",
      header: t("queue.column.server"),
      cell: (row) => (
        <Link href={hrefOf(row)} tabIndex={-1} className="font-medium hover:underline">
          {row.serverName}
        </Link>
      ),
    },
    {
      id: "customer",
      header: t("queue.column.customer"),
      from: "md",
      cell: (row) => <span className="block max-w-48 truncate text-ink-2">{row.tenantName}</span>,
    },
    { id: "waiting", header: t("queue.column.waiting"), align: "right", cell: (row) => number(row.waiting) },
    {
      id: "late",
      header: t("queue.column.late"),
      align: "right",
      from: "sm",
      cell: (row) => (
        <span className="inline-flex items-center gap-1.5">
          {row.late !== null && row.late > 0 ? <LevelIcon level="attention" /> : null}
          {number(row.late)}
        </span>
      ),
    },
    {
      id: "oldest",
      header: t("queue.column.oldest"),
      align: "right",
      from: "md",
      cell: (row) => (row.oldestAt === null ? null : <Ago at={row.oldestAt} />),
    },
    {
      id: "told",
      header: t("queue.column.told"),
      align: "right",
      from: "lg",
      cell: (row) => (row.toldAt === null ? null : <Ago at={row.toldAt} />),
    },
    {
      id: "read",
      header: t("queue.column.read"),
      isActions: true,
      align: "right",
      cell: (row) =>
        row.isConnected ? (
          <IfMay use="mailQueue.read">
            <Button asChild size="small">
              <Link href={hrefOf(row)} aria-label={t("queue.read-of", { name: row.serverName })}>
                {t("queue.read")}
              </Link>
            </Button>
          </IfMay>
        ) : (
          <span className="text-ink-3 text-meta">{t("queue.offline")}</span>
        ),
    },
  ];
}
