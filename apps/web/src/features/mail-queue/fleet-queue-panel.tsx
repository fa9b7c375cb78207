"use client";
import { useMutation, useQueries } from "@tanstack/react-query";
import { RefreshCw, SearchX } from "lucide-react";
import { useEffect, useMemo, useRef, useState } from "react";
import { readProblem } from "../../client/problem.ts";
import type { RouterOutputs } from "../../client/router-types.ts";
import { useTRPC } from "../../client/trpc.tsx";
import { Button } from "../../components/button.tsx";
import { type Column, DataTable, type Selection } from "../../components/data-table.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { LevelSentence } from "../../components/level.tsx";
import { Panel } from "../../components/panel.tsx";
import { RowsSkeleton } from "../../components/skeleton.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { QueueActions } from "./queue-actions.tsx";
import { type QueuedMessage, useQueueColumns } from "./queue-columns.tsx";
import { QueueFilterBar } from "./queue-filter-bar.tsx";
import { filterOf, isFiltered, noFilters, type QueueFilters } from "./queue-filters.ts";
import { QueuedDetails } from "./queued-details.tsx";
import { useQueueFilters } from "./use-queue-filters.ts";

type Queue = RouterOutputs["mailQueue"]["list"][number];
type Page = Extract<RouterOutputs["mailQueue"]["page"], { kind: "answered" }>["result"];
type Row = QueuedMessage & { readonly serverId: string; readonly serverName: string };

/** Servers that are asked at once; those on which most waits for longest. */
const serversMax = 50;
/** Messages of each server; its own page has all of them. */
const messagesMax = 50;
const askEveryMs = 500;

interface Asked {
  readonly jobs: readonly {
    readonly serverId: string;
    readonly serverName: string;
    readonly jobId: string;
  }[];
  readonly refused: readonly { readonly serverName: string; readonly problem: string }[];
}

/** The messages that wait on all servers in one list, read when somebody asks, to be found and dealt with at once. */
export function FleetQueuePanel({ queues }: { queues: readonly Queue[] }) {
  const { t, format } = useWords();
  const [kept, setFilters] = useQueueFilters();
  const filters = kept ?? noFilters;
  const [selection, setSelection] = useState<Selection>({});
  const askable = queues
    .filter(({ isConnected, waiting }) => isConnected && waiting !== 0)
    .slice(0, serversMax);
  const { asked, isAsking, ask } = useAsking(askable);
  const { pages, problems, isWaiting, isOfBefore } = useAnswers(asked);
  const whole = useMemo(() => sumOf(pages), [pages]);
  const columns = useColumns();
  const shown = asked !== null && (pages.length > 0 || !isWaiting);
  const selected = whole.rows.filter((row) => selection[idOf(row)]);
  const change = (next: QueueFilters) => {
    setFilters(next);
    setSelection({});
    if (asked !== null) ask(next);
  };
  return (
    <Panel
      id="messages"
      title={t("queue.everywhere")}
      description={t("queue.everywhere-lead")}
      actions={
        <Button onClick={() => ask(filters)} isBusy={isAsking} disabled={askable.length === 0}>
          <RefreshCw aria-hidden="true" className="size-3.5" />
          {asked === null ? t("queue.ask-all", { count: askable.length }) : t("queue.refresh")}
        </Button>
      }
      isFlush
    >
      {asked === null ? (
        isFiltered(filters) ? (
          <QueueFilterBar page={null} filters={filters} onChange={change} />
        ) : null
      ) : (
        <>
          <QueueFilterBar page={shown ? whole : null} filters={filters} onChange={change} />
          {isWaiting ? (
            <p className="border-line border-b px-4 py-2 text-ink-2 text-table" role="status">
              {t("queue.answered", { answered: pages.length, asked: asked.jobs.length })}
            </p>
          ) : null}
          {[...asked.refused, ...problems].map(({ serverName, problem }) => (
            <div key={serverName} className="border-line border-b px-4 py-2 text-table">
              <LevelSentence level="attention">
                {serverName}: {problem}
              </LevelSentence>
            </div>
          ))}
          {shown ? (
            <QueueActions
              isStale={isAsking || isOfBefore}
              queues={pages}
              filters={filters}
              selected={selected}
              onDone={() => {
                setSelection({});
                ask(filters);
              }}
            />
          ) : null}
          {!shown ? (
            <RowsSkeleton rows={4} />
          ) : whole.rows.length === 0 ? (
            <EmptyState icon={SearchX} title={t("queue.none-match-title")}>
              {t("queue.none-match")}
            </EmptyState>
          ) : (
            <>
              <DataTable
                label={t("queue.everywhere")}
                columns={columns}
                rows={whole.rows}
                rowId={idOf}
                rowName={({ queueId, serverName }) => `${queueId}, ${serverName}`}
                details={(row) => <QueuedDetails message={row} serverId={row.serverId} />}
                selection={selection}
                onSelectionChange={setSelection}
              />
              {whole.matching > whole.rows.length ? (
                <p className="border-line border-t px-4 py-2 text-ink-3 text-table">
                  {t("queue.oldest-only", {
                    shown: format.number(whole.rows.length),
                    matching: format.number(whole.matching),
                  })}
                </p>
              ) : null}
            </>
          )}
        </>
      )}
    </Panel>
  );
}

const idOf = ({ serverId, queueId }: Row) => `${serverId} ${queueId}`;

/** Puts the question to every server that can answer; one that refuses is named, and the others answer all the same. */
function useAsking(askable: readonly Queue[]) {
  const trpc = useTRPC();
  const [asked, setAsked] = useState<Asked | null>(null);
  const [isAsking, setAsking] = useState(false);
  const { mutateAsync } = useMutation(trpc.mailQueue.read.mutationOptions());
  const last = useRef(0);
  const ask = async (filters: QueueFilters) => {
    last.current += 1;
    const turn = last.current;
    setAsking(true);
    const filter = filterOf(filters, new Date());
    const started = await Promise.allSettled(
      askable.map(({ serverId }) => mutateAsync({ serverId, skip: 0, limit: messagesMax, filter })),
    );
    // Of two questions, the one that was put last counts.
    if (turn !== last.current) return;
    setAsking(false);
    setAsked({
      jobs: askable.flatMap(({ serverId, serverName }, index) => {
        const one = started[index];
        return one?.status === "fulfilled" ? [{ serverId, serverName, jobId: one.value.jobId }] : [];
      }),
      refused: askable.flatMap(({ serverName }, index) => {
        const one = started[index];
        return one?.status === "rejected" ? [{ serverName, problem: readProblem(one.reason).sentence }] : [];
      }),
    });
  };
  return { asked, isAsking, ask: (filters: QueueFilters) => void ask(filters) };
}

type ServerPage = Page & { readonly serverId: string; readonly serverName: string };

function useAnswers(asked: Asked | null) {
  const { t } = useWords();
  const trpc = useTRPC();
  const jobs = asked?.jobs ?? [];
  const answers = useQueries({
    queries: jobs.map(({ jobId }) =>
      trpc.mailQueue.page.queryOptions(
        { jobId },
        {
          refetchInterval: ({ state }) =>
            state.error !== null || (state.data !== undefined && state.data.kind !== "waiting")
              ? false
              : askEveryMs,
        },
      ),
    ),
  });
  const told = jobs.map((job, index) => ({
    ...job,
    data: answers[index]?.data,
    error: answers[index]?.error,
  }));
  const fresh = told.flatMap(({ serverId, serverName, data }): ServerPage[] =>
    data?.kind === "answered" ? [{ ...data.result, serverId, serverName }] : [],
  );
  const isWaiting = told.some(({ data, error }) => !error && (data === undefined || data.kind === "waiting"));
  // What was read stays until what is being read is whole.
  const [kept, setKept] = useState<readonly ServerPage[]>([]);
  const sign = fresh.map(({ serverId, readAt }) => `${serverId} ${readAt}`).join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the sign changes with every page that comes
  useEffect(() => {
    if (fresh.length > 0 || !isWaiting) setKept(fresh);
  }, [sign, isWaiting]);
  return {
    pages: kept,
    isWaiting,
    /** No server has answered this question yet, so what is shown answers the one before. */
    isOfBefore: isWaiting && fresh.length === 0,
    problems: told.flatMap(({ serverName, data, error }) =>
      data?.kind === "failed"
        ? [{ serverName, problem: data.problem ?? t("queue.failed") }]
        : error
          ? [{ serverName, problem: readProblem(error).sentence }]
          : [],
    ),
  };
}

/** The pages of all servers as one, the oldest message first. */
function sumOf(pages: readonly ServerPage[]) {
  const sum = (of: (page: ServerPage) => number) => pages.reduce((total, page) => total + of(page), 0);
  const tally = (of: "providers" | "categories" | "domains") =>
    [
      ...Map.groupBy(
        pages.flatMap((page) => page[of]),
        ({ name }) => name,
      ),
    ]
      .map(([name, own]) => ({ name, count: own.reduce((total, { count }) => total + count, 0) }))
      .sort((a, b) => b.count - a.count);
  return {
    total: sum(({ total }) => total),
    matching: sum(({ matching }) => matching),
    providers: tally("providers"),
    categories: tally("categories"),
    domains: tally("domains"),
    rows: pages
      .flatMap(({ serverId, serverName, messages }) =>
        messages.map((message): Row => ({ ...message, serverId, serverName })),
      )
      .sort((a, b) => a.arrivedAt - b.arrivedAt),
  };
}

function useColumns(): readonly Column<Row>[] {
  const { t } = useWords();
  const columns = useQueueColumns();
  return useMemo(
    () => [
      ...(columns.slice(0, 2) as readonly Column<Row>[]),
      {
        id: "server",
        header: t("queue.column.server"),
        from: "md",
        cell: (row) => <span className="text-ink-2">{row.serverName}</span>,
      },
      ...(columns.slice(2) as readonly Column<Row>[]),
    ],
    [t, columns],
  );
}
