"use client";
import { useMutation, useQueries } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useTRPC } from "../../client/trpc.tsx";
import { Button } from "../../components/button.tsx";
import { ConfirmDialog } from "../../components/confirm-dialog.tsx";
import { LevelSentence } from "../../components/level.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { IfMay, useMay } from "../access/role-provider.tsx";
import { filterAsShown, type QueueFilters } from "./queue-filters.ts";

type Action = "hold" | "release" | "retry" | "delete";
const mildActions = ["hold", "release", "retry"] as const;

/** What was read of one server's queue, as far as an order to it needs that. */
export interface ReadQueue {
  readonly serverId: string;
  readonly readAt: number;
  readonly matching: number;
}

export interface QueueActionsProps {
  queues: readonly ReadQueue[];
  filters: QueueFilters;
  selected: readonly {
    readonly serverId: string;
    readonly queueId: string;
    readonly arrivedAt: number;
  }[];
  /** The queues are others now. */
  onDone: () => void;
  /** What is shown answers an earlier question, so nothing can be ordered about it. */
  isStale?: boolean;
}

const askEveryMs = 300;

/**
 * What can be done with the selected messages, or with all that match; always asked again with how many they are. Each
 * server gets an order of its own.
 */
export function QueueActions({ queues, filters, selected, onDone, isStale = false }: QueueActionsProps) {
  const { t } = useWords();
  const may = useMay();
  const trpc = useTRPC();
  const [asked, setAsked] = useState<Action | null>(null);
  const [jobIds, setJobIds] = useState<readonly string[]>([]);
  const change = useMutation(trpc.mailQueue.change.mutationOptions());
  const remove = useMutation(trpc.mailQueue.delete.mutationOptions());
  const [error, setError] = useState<unknown>(null);
  const [isSending, setSending] = useState(false);
  const outcomes = useQueries({
    queries: jobIds.map((jobId) =>
      trpc.mailQueue.changed.queryOptions(
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
  const told = outcomes.map(({ data }) => data);
  const hasEnded =
    jobIds.length > 0 &&
    outcomes.every(
      ({ data, error: lost }) => lost !== null || (data !== undefined && data.kind !== "waiting"),
    );
  // biome-ignore lint/correctness/useExhaustiveDependencies: the queue is read again once for each order that has ended
  useEffect(() => {
    if (hasEnded) onDone();
  }, [hasEnded, jobIds]);

  if (!may("mailQueue.change") || !may("mailQueue.changed")) return null;
  const isForAll = selected.length === 0;
  const count = isForAll ? queues.reduce((sum, { matching }) => sum + matching, 0) : selected.length;
  // What became of the last order is told where it has left nothing to act on, too.
  if (count === 0 && jobIds.length === 0) return null;
  const confirm = async () => {
    if (asked === null) return;
    setSending(true);
    setError(null);
    const started = await Promise.allSettled(
      targetsOf({ queues, filters, selected }).map(({ serverId, target }) =>
        asked === "delete"
          ? remove.mutateAsync({ serverId, target })
          : change.mutateAsync({ serverId, action: asked, target }),
      ),
    );
    setSending(false);
    const failed = started.find((one) => one.status === "rejected");
    setJobIds(started.flatMap((one) => (one.status === "fulfilled" ? [one.value.jobId] : [])));
    setError(failed?.reason ?? null);
    if (failed === undefined) setAsked(null);
  };
  return (
    <div className="flex flex-wrap items-center gap-2 border-line border-b px-4 py-2 text-table">
      {count === 0 ? null : (
        <>
          <span className="figures text-ink-2" role="status">
            {isForAll ? t("queue.all-matching", { count }) : t("queue.selected", { count })}
          </span>
          {mildActions.map((action) => (
            <Button key={action} size="small" disabled={isStale} onClick={() => setAsked(action)}>
              {t(`queue.action.${action}`)}
            </Button>
          ))}
          <IfMay use="mailQueue.delete">
            <Button size="small" look="quiet-danger" disabled={isStale} onClick={() => setAsked("delete")}>
              {t("queue.action.delete")}
            </Button>
          </IfMay>
        </>
      )}
      <Outcome told={told} isWaiting={jobIds.length > 0 && !hasEnded} />
      {asked === null ? null : (
        <ConfirmDialog
          isOpen
          onOpenChange={(isOpen) => {
            if (isOpen) return;
            setAsked(null);
            setError(null);
          }}
          title={t(`queue.ask.${asked}`, { count })}
          consequence={
            <>
              <p>{t(`queue.will.${asked}`)}</p>
              {isForAll ? <p>{t("queue.only-shown")}</p> : null}
            </>
          }
          actionLabel={t(`queue.action.${asked}`)}
          {...(asked === "delete" && isForAll ? { typedName: String(count) } : {})}
          isHarmless={asked !== "delete"}
          isBusy={isSending}
          error={error}
          onConfirm={() => void confirm()}
        />
      )}
    </div>
  );
}

/** One order for each server that has some of what is meant. */
function targetsOf({ queues, filters, selected }: Omit<QueueActionsProps, "onDone" | "isStale">) {
  if (selected.length > 0)
    return [...Map.groupBy(selected, ({ serverId }) => serverId)].map(([serverId, own]) => ({
      serverId,
      target: {
        kind: "selected" as const,
        messages: own.map(({ queueId, arrivedAt }) => ({ queueId, arrivedAt })),
      },
    }));
  return queues
    .filter(({ matching }) => matching > 0)
    .map(({ serverId, readAt, matching }) => ({
      serverId,
      target: {
        kind: "matching" as const,
        filter: filterAsShown(filters, readAt),
        countMax: matching,
      },
    }));
}

type Told =
  | { kind: "waiting" }
  | { kind: "failed"; problem: string | null }
  | { kind: "answered"; result: { found: number; changed: number; notReached: number } };

function Outcome({ told, isWaiting }: { told: readonly (Told | undefined)[]; isWaiting: boolean }) {
  const { t } = useWords();
  if (isWaiting) return <span className="text-ink-3">{t("queue.working")}</span>;
  const failed = told.find((one) => one?.kind === "failed");
  if (failed?.kind === "failed")
    return <LevelSentence level="trouble">{failed.problem ?? t("queue.failed")}</LevelSentence>;
  const results = told.flatMap((one) => (one?.kind === "answered" ? [one.result] : []));
  if (results.length === 0) return null;
  const sum = (of: (result: (typeof results)[number]) => number) =>
    results.reduce((total, result) => total + of(result), 0);
  const found = sum((result) => result.found);
  const changed = sum((result) => result.changed);
  const notReached = sum((result) => result.notReached);
  if (notReached > 0)
    return (
      <LevelSentence level="attention">
        {t("queue.done-in-time", { changed, found, notReached })}
      </LevelSentence>
    );
  return (
    <LevelSentence level="good">
      {found === changed ? t("queue.done", { count: changed }) : t("queue.done-of", { changed, found })}
    </LevelSentence>
  );
}
