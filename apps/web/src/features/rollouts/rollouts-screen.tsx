"use client";
import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Layers } from "lucide-react";
import Link from "next/link";
import { paging } from "../../client/paging.ts";
import type { RouterOutputs } from "../../client/router-types.ts";
import { useTRPC } from "../../client/trpc.tsx";
import { useList } from "../../client/use-list.ts";
import { usePaced } from "../../client/use-paced.ts";
import { Button } from "../../components/button.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { LevelSentence } from "../../components/level.tsx";
import { PageHeader } from "../../components/page-header.tsx";
import { Panel } from "../../components/panel.tsx";
import { ProblemNote } from "../../components/problem-note.tsx";
import { ProblemScreen } from "../../components/problem-screen.tsx";
import { Ago } from "../../components/time.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { IfMay } from "../access/role-provider.tsx";
import { useFollow } from "../live/live-provider.tsx";
import { everyRollout } from "../live/topics.ts";
import { CountsBar, CountWords } from "./counts-bar.tsx";
import { openRollouts, pastRollouts } from "./questions.ts";
import { RolloutStateBadge } from "./rollout-state-badge.tsx";

type Line = RouterOutputs["rollouts"]["list"]["rollouts"][number];

/** What is patched, what failed, can I sleep? */
export function RolloutsScreen() {
  const { t } = useWords();
  const trpc = useTRPC();
  const open = useQuery(trpc.rollouts.list.queryOptions(openRollouts));
  const past = useInfiniteQuery(
    trpc.rollouts.list.infiniteQueryOptions(pastRollouts, { ...paging, placeholderData: keepPreviousData }),
  );
  const history = useList(past, "rollouts");
  useFollow(
    [everyRollout],
    usePaced(() => Promise.all([open.refetch(), past.refetch()])),
  );
  if (open.data === undefined)
    return open.error === null ? null : (
      <ProblemScreen error={open.error} retry={() => void open.refetch()} />
    );
  const { rollouts: running } = open.data;
  const isEmpty = running.length === 0 && !history.isLoading && history.rows.length === 0;
  const begin = (
    <IfMay use="rollouts.start">
      <Button look="primary" asChild>
        <Link href="/rollouts/new">{t("rollouts.new")}</Link>
      </Button>
    </IfMay>
  );
  return (
    <>
      <PageHeader title={t("rollouts.title")} actions={isEmpty ? undefined : begin} />
      {isEmpty ? (
        <Panel isFlush>
          <EmptyState icon={Layers} title={t("rollouts.empty-title")} action={begin}>
            {t("rollouts.empty")}
          </EmptyState>
        </Panel>
      ) : (
        <div className="grid gap-4">
          {running.length === 0 ? null : (
            <Panel title={t("rollouts.running")} isFlush>
              <Lines lines={running} />
            </Panel>
          )}
          <Panel title={t("rollouts.past")} isFlush>
            {history.rows.length === 0 && !history.isLoading ? (
              <p className="px-4 py-3.5 text-ink-3 text-table">{t("rollouts.past-none")}</p>
            ) : null}
            <Lines lines={history.rows} />
            <ProblemNote error={history.error} />
            {history.hasMore ? (
              <div className="border-line border-t p-2 text-center">
                <Button look="quiet" size="small" onClick={history.loadMore} isBusy={history.isLoadingMore}>
                  {t("rollouts.more")}
                </Button>
              </div>
            ) : null}
          </Panel>
        </div>
      )}
    </>
  );
}

function Lines({ lines }: { lines: readonly Line[] }) {
  return (
    <ul>
      {lines.map((line) => (
        <RolloutLine key={line.id} line={line} />
      ))}
    </ul>
  );
}

function RolloutLine({ line }: { line: Line }) {
  const { t } = useWords();
  const isOver = line.endedAt !== null;
  return (
    <li className="relative grid gap-2 border-line border-b px-4 py-3 last:border-b-0 hover:bg-hover">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <Link
          href={`/rollouts/${line.id}`}
          className="min-w-0 font-medium [overflow-wrap:anywhere] after:absolute after:inset-0"
        >
          {line.title ?? t("rollout.untitled")}
        </Link>
        <RolloutStateBadge state={line.state} />
        <span className="ml-auto text-ink-3 text-meta">
          {isOver ? null : (
            <>
              {line.wave === 0
                ? t("rollout.wave.canary")
                : t("rollout.wave.of", { number: line.wave, count: line.lastWave })}
              {" · "}
            </>
          )}
          {t("rollout.servers", { count: line.servers })} · <Ago at={line.endedAt ?? line.startedAt} />
        </span>
      </div>
      {line.state === "halted" ? (
        <p className="text-table">
          <LevelSentence level="attention">
            {line.haltedBecause ?? t("rollout.halted-by-others")}
          </LevelSentence>
        </p>
      ) : null}
      {isOver ? null : <CountsBar counts={line.counts} servers={line.servers} />}
      <CountWords counts={line.counts} />
    </li>
  );
}
