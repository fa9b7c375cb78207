"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { RouterOutputs } from "../../client/router-types.ts";
import { useTRPC } from "../../client/trpc.tsx";
import { Button } from "../../components/button.tsx";
import { ConfirmDialog } from "../../components/confirm-dialog.tsx";
import { Folded } from "../../components/folded.tsx";
import { type Level, LevelWord } from "../../components/level.tsx";
import { ProblemNote } from "../../components/problem-note.tsx";
import { Ago } from "../../components/time.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { IfMay } from "../access/role-provider.tsx";
import { clockText } from "./clock-text.ts";
import { EditChannelDialog } from "./edit-channel-dialog.tsx";
import { LostAnswers } from "./lost-answers.tsx";

export type Channel = RouterOutputs["alerts"]["settings"]["channels"][number];
type LogLine = Channel["log"][number];

const levels = { working: "good", failing: "trouble", stopped: "attention" } as const satisfies Record<
  string,
  Level
>;

/** One channel: what it is told, how it stands, its last alerts, and what can be done with it. */
export function ChannelLine({ channel, timeZone }: { channel: Channel; timeZone: string }) {
  const { t } = useWords();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const [isRemoving, setRemoving] = useState(false);
  const [isEdited, setEdited] = useState(false);
  const again = { onSuccess: () => queryClient.invalidateQueries({ queryKey: trpc.alerts.pathKey() }) };
  const test = useMutation(trpc.alerts.test.mutationOptions(again));
  const change = useMutation(trpc.alerts.change.mutationOptions(again));
  const remove = useMutation(trpc.alerts.remove.mutationOptions(again));
  const {
    id: channelId,
    name,
    kind,
    target,
    tenantName,
    stoppedAt,
    stoppedBecause,
    lost,
    retried,
    log,
    quietHours,
  } = channel;
  const { leastSeverity, topic, breaksThrough } = channel;
  const isStopped = stoppedAt !== null;
  const state = isStopped ? "stopped" : log[0]?.attempts[0]?.problem == null ? "working" : "failing";
  const about = [
    t(`alerts.kind.${kind}`),
    target,
    tenantName ?? t("alerts.every-tenant"),
    t(`alerts.topic.${topic}`),
    ...(quietHours === null
      ? []
      : [
          t("alerts.quiet", {
            from: clockText(quietHours.fromMinute),
            until: clockText(quietHours.untilMinute),
          }),
        ]),
  ];
  return (
    <li className="grid gap-1.5 border-line border-b px-4 py-3 text-table last:border-b-0">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <div className="grid min-w-0 flex-[1_1_16rem] leading-tight">
          <span className="font-medium [overflow-wrap:anywhere]">{name}</span>
          <span className="text-ink-3 text-meta [overflow-wrap:anywhere]">{about.join(" · ")}</span>
        </div>
        <LevelWord level={levels[state]}>{t(`alerts.state.${state}`)}</LevelWord>
        <IfMay use="alerts.test">
          <Button
            size="small"
            disabled={isStopped}
            isBusy={test.isPending}
            aria-label={t("alerts.test-named", { name })}
            onClick={() => test.mutate({ channelId })}
          >
            {t("alerts.test")}
          </Button>
        </IfMay>
        <IfMay use="alerts.change">
          <Button size="small" aria-label={t("alerts.edit-named", { name })} onClick={() => setEdited(true)}>
            {t("alerts.edit")}
          </Button>
          <Button
            size="small"
            isBusy={change.isPending}
            aria-label={t(isStopped ? "alerts.start-named" : "alerts.pause-named", { name })}
            onClick={() =>
              change.mutate({
                channelId,
                wish: { name, leastSeverity, topic, quietHours, breaksThrough },
                isStopped: !isStopped,
              })
            }
          >
            {t(isStopped ? "alerts.start" : "alerts.pause")}
          </Button>
        </IfMay>
        <IfMay use="alerts.remove">
          <Button
            size="small"
            look="quiet-danger"
            aria-label={t("alerts.remove-named", { name })}
            onClick={() => setRemoving(true)}
          >
            {t("alerts.remove")}
          </Button>
        </IfMay>
      </div>
      {stoppedBecause === null ? null : <p className="text-ink-2">{stoppedBecause}</p>}
      {lost === 0 ? null : (
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1 text-ink-2">
          <p>
            {t("alerts.lost", { count: lost })}
            {isStopped ? ` ${t("alerts.lost-paused")}` : ""}
          </p>
          <LostAnswers channelId={channelId} name={name} isStopped={isStopped} />
        </div>
      )}
      {retried.waiting === 0 ? null : (
        <p className="text-ink-2">
          {t(isStopped ? "alerts.retried-paused" : "alerts.retried-waiting", { count: retried.waiting })}
        </p>
      )}
      {retried.sent === 0 ? null : (
        <p className="text-ink-2">{t("alerts.retried-sent", { count: retried.sent })}</p>
      )}
      <ProblemNote error={test.error ?? change.error} />
      {log.length === 0 ? null : (
        <Folded label={t("alerts.log")}>
          <ul className="grid gap-1 pt-1.5">
            {log.map((line) => (
              <LogItem key={line.id} line={line} />
            ))}
          </ul>
        </Folded>
      )}
      <EditChannelDialog channel={channel} timeZone={timeZone} isOpen={isEdited} onOpenChange={setEdited} />
      <ConfirmDialog
        isOpen={isRemoving}
        onOpenChange={setRemoving}
        title={t("alerts.remove.title", { name })}
        consequence={t("alerts.remove.consequence")}
        actionLabel={t("alerts.remove")}
        isBusy={remove.isPending}
        error={remove.error}
        onConfirm={() => remove.mutate({ channelId })}
      />
    </li>
  );
}

function LogItem({ line: { createdAt, isTest, changes, state, attempts } }: { line: LogLine }) {
  const { t } = useWords();
  const problem = attempts[0]?.problem ?? null;
  return (
    <li className="text-ink-2 text-meta [overflow-wrap:anywhere]">
      <Ago at={createdAt} /> · {isTest ? t("alerts.log-test") : t("alerts.log-line", { count: changes })} ·{" "}
      {t(`alerts.log.${state}`)} · {t("alerts.log.tries", { count: attempts.length })}
      {problem === null ? null : <> · {problem}</>}
    </li>
  );
}
