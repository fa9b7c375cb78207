"use client";
import { queueSkipMax } from "@mailstead/core/mail-queue";
import { Button } from "../../components/button.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { pageSize, type QueuePage } from "./use-queue-reading.ts";

/** Says which part of a long queue is shown, and goes from one part to the next. */
export function QueuePager({
  page: { skip, messages, matching },
  isReading,
  onSkip,
}: {
  page: QueuePage;
  isReading: boolean;
  onSkip: (skip: number) => void;
}) {
  const { t, format } = useWords();
  // A page of long messages may hold fewer than it was asked for.
  const next = skip + messages.length;
  const isEnd = next >= matching;
  return (
    <div className="flex flex-wrap items-center gap-2 border-line border-t px-4 py-2 text-table">
      <span className="figures text-ink-3">
        {t("queue.shown", {
          first: format.number(skip + 1),
          last: format.number(next),
          matching: format.number(matching),
        })}
      </span>
      <Button
        size="small"
        disabled={isReading || skip === 0}
        onClick={() => onSkip(Math.max(0, skip - pageSize))}
      >
        {t("queue.older")}
      </Button>
      <Button size="small" disabled={isReading || isEnd || next > queueSkipMax} onClick={() => onSkip(next)}>
        {t("queue.newer")}
      </Button>
      {!isEnd && next > queueSkipMax ? <span className="text-ink-3">{t("queue.no-further")}</span> : null}
    </div>
  );
}
