"use client";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useTRPC } from "../../client/trpc.tsx";
import { Button } from "../../components/button.tsx";
import { ConfirmDialog } from "../../components/confirm-dialog.tsx";
import { LevelSentence } from "../../components/level.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { IfMay, useMay } from "../access/role-provider.tsx";
import type { QueuedMessage } from "./queue-columns.tsx";
import { filterAsShown, type QueueFilters } from "./queue-filters.ts";
import type { QueuePage } from "./use-queue-reading.ts";

type Action = "hold" | "release" | "retry" | "delete";
const mildActions = ["hold", "release", "retry"] as const;

export interface QueueActionsProps {
  serverId: string;
  page: QueuePage;
  filters: QueueFilters;
  selected: readonly QueuedMessage[];
  /** The queue is another one now. */
  onDone: () => void;
}

const askEveryMs = 300;

/** What can be done with the selected messages, or with all that match; always asked again with how many they are. */
export function QueueActions({ serverId, page, filters, selected, onDone }: QueueActionsProps) {
  const { t } = useWords();
  const may = useMay();
  const trpc = useTRPC();
  const [asked, setAsked] = useState<Action | null>(null);
  const [jobId, setJobId] = useState<string | null>(null);
  const onSuccess = (started: { jobId: string }) => {
    setAsked(null);
    setJobId(started.jobId);
  };
  const change = useMutation(trpc.mailQueue.change.mutationOptions({ onSuccess }));
  const remove = useMutation(trpc.mailQueue.delete.mutationOptions({ onSuccess }));
  const outcome = useQuery(
    trpc.mailQueue.changed.queryOptions(
      { jobId: jobId ?? "" },
      {
        enabled: jobId !== null,
        refetchInterval: ({ state }) =>
          state.error !== null || (state.data !== undefined && state.data.kind !== "waiting")
            ? false
            : askEveryMs,
      },
    ),
  );
  const told = jobId === null ? undefined : outcome.data;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the queue is read again once for each order that has ended
  useEffect(() => {
    if (told !== undefined && told.kind !== "waiting") onDone();
  }, [told?.kind, jobId]);

  if (!may("mailQueue.change") || !may("mailQueue.changed")) return null;
  const isForAll = selected.length === 0;
  const count = isForAll ? page.matching : selected.length;
  const target = isForAll
    ? ({ kind: "matching", filter: filterAsShown(filters, page.readAt), countMax: count } as const)
    : ({
        kind: "selected",
        messages: selected.map(({ queueId, arrivedAt }) => ({ queueId, arrivedAt })),
      } as const);
  const confirm = () => {
    if (asked === "delete") remove.mutate({ serverId, target });
    else if (asked !== null) change.mutate({ serverId, action: asked, target });
  };
  return (
    <div className="flex flex-wrap items-center gap-2 border-line border-b px-4 py-2 text-table">
      <span className="figures text-ink-2" role="status">
        {isForAll ? t("queue.all-matching", { count }) : t("queue.selected", { count })}
      </span>
      {mildActions.map((action) => (
        <Button key={action} size="small" onClick={() => setAsked(action)}>
          {t(`queue.action.${action}`)}
        </Button>
      ))}
      <IfMay use="mailQueue.delete">
        <Button size="small" look="quiet-danger" onClick={() => setAsked("delete")}>
          {t("queue.action.delete")}
        </Button>
      </IfMay>
      <Outcome told={told} isWaiting={jobId !== null && (told === undefined || told.kind === "waiting")} />
      {asked === null ? null : (
        <ConfirmDialog
          isOpen
          onOpenChange={(isOpen) => isOpen || setAsked(null)}
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
          isBusy={change.isPending || remove.isPending}
          error={change.error ?? remove.error}
          onConfirm={confirm}
        />
      )}
    </div>
  );
}

type Told = ReturnType<
  typeof useQuery<
    | { kind: "waiting" }
    | { kind: "failed"; problem: string | null }
    | { kind: "answered"; result: { found: number; changed: number; notReached: number } }
  >
>["data"];

function Outcome({ told, isWaiting }: { told: Told; isWaiting: boolean }) {
  const { t } = useWords();
  if (isWaiting) return <span className="text-ink-3">{t("queue.working")}</span>;
  if (told?.kind === "failed")
    return <LevelSentence level="trouble">{told.problem ?? t("queue.failed")}</LevelSentence>;
  if (told?.kind !== "answered") return null;
  const { found, changed, notReached } = told.result;
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
