"use client";
import { useMutation } from "@tanstack/react-query";
import Link from "next/link";
import { useEffect, useState } from "react";
import type { RouterOutputs } from "../../client/router-types.ts";
import { useTRPC } from "../../client/trpc.tsx";
import { Button } from "../../components/button.tsx";
import { Dialog, DialogActions } from "../../components/dialog.tsx";
import { ProblemNote } from "../../components/problem-note.tsx";
import { ProgressBar } from "../../components/progress-bar.tsx";
import { RowsSkeleton } from "../../components/skeleton.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { type LotsEnd, runInLots } from "./run-in-lots.ts";

export type ManyOrder = "check-mail" | "converge" | "refresh-facts";
type Ordered = RouterOutputs["servers"]["orderMany"];

/** As many as the service takes in one transaction. */
const lotMax = 250;

interface BulkOrderProps {
  order: ManyOrder;
  serverIds: readonly string[];
  onClose: () => void;
}

/** Says what an order comes to before it is given to many servers, gives it, and says what became of each. */
export function BulkOrderDialog({ order, serverIds, onClose }: BulkOrderProps) {
  const { t } = useWords();
  const trpc = useTRPC();
  const { mutate: look, ...preview } = useMutation(trpc.servers.previewOrders.mutationOptions());
  const send = useMutation(trpc.servers.orderMany.mutationOptions());
  // What was chosen when it opened: rows that come and go meanwhile change nothing of what was shown.
  const [ids] = useState(serverIds);
  const [done, setDone] = useState<number | null>(null);
  const [end, setEnd] = useState<LotsEnd<Ordered> | null>(null);
  useEffect(() => look({ order, serverIds: [...ids] }), [look, order, ids]);
  const isRunning = done !== null && end === null;

  const run = async (from: readonly string[], before: readonly Ordered[]) => {
    const doneBefore = ids.length - from.length;
    setEnd(null);
    setDone(doneBefore);
    const lots = await runInLots(from, {
      lotMax,
      send: (lot) => send.mutateAsync({ order, serverIds: lot }),
      onProgress: (count) => setDone(doneBefore + count),
    });
    setEnd({ ...lots, results: [...before, ...lots.results] });
  };
  const ready = preview.data === undefined ? 0 : preview.data.begin + preview.data.wait;
  return (
    <Dialog
      isOpen
      onOpenChange={(isOpen) => (isOpen || isRunning ? undefined : onClose())}
      title={t(`servers.bulk.${order}`)}
      description={t(`servers.bulk.${order}-lead`)}
    >
      <div className="grid gap-4">
        {end !== null ? (
          <Outcome end={end} />
        ) : isRunning ? (
          <div className="grid gap-2">
            <p className="text-table" role="status">
              {t("servers.bulk.progress", { done: done ?? 0, count: ids.length })}
            </p>
            <ProgressBar label={t(`servers.bulk.${order}`)} share={(done ?? 0) / ids.length} />
          </div>
        ) : preview.data === undefined ? (
          preview.error === null ? (
            <RowsSkeleton rows={2} />
          ) : (
            <ProblemNote error={preview.error} />
          )
        ) : (
          <Groups summary={preview.data} isDone={false} />
        )}
        <DialogActions>
          {end === null ? (
            <>
              <Button onClick={onClose} disabled={isRunning}>
                {t("controls.cancel")}
              </Button>
              <Button
                look="primary"
                isBusy={isRunning}
                disabled={ready === 0}
                onClick={() => void run(ids, [])}
              >
                {t("servers.bulk.order", { count: ready })}
              </Button>
            </>
          ) : (
            <>
              {end.rest.length === 0 ? null : (
                <Button onClick={() => void run(end.rest, end.results)}>
                  {t("servers.bulk.go-on", { count: end.rest.length })}
                </Button>
              )}
              <Button look="primary" onClick={onClose}>
                {t("controls.close")}
              </Button>
            </>
          )}
        </DialogActions>
      </div>
    </Dialog>
  );
}

function Outcome({ end }: { end: LotsEnd<Ordered> }) {
  const { t } = useWords();
  const summary = sumOf(end.results);
  return (
    <div className="grid gap-3" role="status">
      {summary === null ? null : <Groups summary={summary} isDone />}
      {end.rest.length === 0 ? null : (
        <>
          <p className="text-table text-trouble">{t("servers.bulk.stopped", { count: end.rest.length })}</p>
          <ProblemNote error={end.error} />
        </>
      )}
      <Link href="/jobs" className="w-fit text-accent text-table hover:underline">
        {t("servers.bulk.jobs")}
      </Link>
    </div>
  );
}

function Groups({ summary, isDone }: { summary: Ordered; isDone: boolean }) {
  const { t, format } = useWords();
  const { begin, wait, waitAtMostMs, refused, gone } = summary;
  return (
    <ul className="grid gap-1.5 text-table">
      {begin > 0 ? (
        <li>{t(isDone ? "servers.bulk.begun" : "servers.bulk.begins", { count: begin })}</li>
      ) : null}
      {wait > 0 ? (
        <li>
          {t("servers.bulk.waits", {
            count: wait,
            within: waitAtMostMs < hourMs ? format.duration(waitAtMostMs) : format.span(waitAtMostMs),
          })}
        </li>
      ) : null}
      {refused.map(({ because, servers, names }) => (
        <li key={because} className="grid gap-0.5">
          <span>{t("servers.bulk.refused", { count: servers, because })}</span>
          <span className="text-ink-3 text-meta [overflow-wrap:anywhere]">
            {names.join(", ")}
            {servers > names.length ? ` ${t("tags.more", { count: servers - names.length })}` : ""}
          </span>
        </li>
      ))}
      {gone > 0 ? <li>{t("servers.bulk.gone", { count: gone })}</li> : null}
    </ul>
  );
}

const namesMax = 5;
const hourMs = 60 * 60_000;

function sumOf(results: readonly Ordered[]): Ordered | null {
  const [first] = results;
  if (first === undefined) return null;
  const sum = (of: (one: Ordered) => number) => results.reduce((total, one) => total + of(one), 0);
  const refused = Map.groupBy(
    results.flatMap((one) => one.refused),
    ({ because }) => because,
  );
  return {
    begin: sum(({ begin }) => begin),
    wait: sum(({ wait }) => wait),
    gone: sum(({ gone }) => gone),
    waitAtMostMs: first.waitAtMostMs,
    refused: [...refused].map(([because, all]) => ({
      because,
      servers: all.reduce((total, { servers }) => total + servers, 0),
      names: all.flatMap(({ names }) => names).slice(0, namesMax),
    })),
  };
}
