"use client";
import { useMemo } from "react";
import type { Column } from "../../components/data-table.tsx";
import { Ago } from "../../components/time.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { reasonWords } from "../trace/story-words.ts";
import type { QueuePage } from "./use-queue-reading.ts";

export type QueuedMessage = QueuePage["messages"][number];

/** The columns of a queue. */
export function useQueueColumns(): readonly Column<QueuedMessage>[] {
  const { t, format } = useWords();
  return useMemo(
    () => [
      {
        id: "sender",
        header: t("queue.column.sender"),
        cell: (row) => (
          <span className="block max-w-64 truncate font-mono text-meta">
            {row.sender === "" ? t("trace.nobody") : row.sender}
          </span>
        ),
      },
      {
        id: "recipients",
        header: t("queue.column.recipients"),
        from: "sm",
        cell: (row) => (
          <span className="block max-w-64 truncate font-mono text-meta">
            {row.recipients[0]?.address ?? ""}
            {row.recipientCount > 1
              ? ` ${t("queue.more-recipients", { count: row.recipientCount - 1 })}`
              : ""}
          </span>
        ),
      },
      {
        id: "queue",
        header: t("queue.column.queue"),
        from: "md",
        cell: (row) => <span className="whitespace-nowrap text-ink-2">{t(`queue.name.${row.queue}`)}</span>,
      },
      {
        id: "reason",
        header: t("queue.column.reason"),
        from: "lg",
        cell: (row) => (
          <span className="block max-w-72 truncate text-ink-2">
            {row.category === null
              ? t("queue.no-reason")
              : (reasonWords(t, row.category)?.title ?? t("reply.unclassified"))}
          </span>
        ),
      },
      {
        id: "arrived",
        header: t("queue.column.arrived"),
        align: "right",
        cell: (row) => <Ago at={new Date(row.arrivedAt)} />,
      },
      {
        id: "size",
        header: t("queue.column.size"),
        align: "right",
        from: "lg",
        cell: (row) => <span className="figures">{format.bytes(row.sizeBytes)}</span>,
      },
    ],
    [t, format],
  );
}
