"use client";
import Link from "next/link";
import { useWords } from "../../components/words-provider.tsx";
import { reasonWords } from "../trace/story-words.ts";
import { traceHref } from "../trace/trace-query.ts";
import type { QueuedMessage } from "./queue-columns.tsx";

/** To whom a message is to go, why it waits, and the way to its story. */
export function QueuedDetails({ message, serverId }: { message: QueuedMessage; serverId: string }) {
  const { t } = useWords();
  const { queueId, recipients, recipientCount, category } = message;
  const reason = reasonWords(t, category);
  return (
    <div className="grid gap-3 px-4 py-3 text-table">
      {reason === null ? null : (
        <p>
          <span className="font-medium">{reason.title}.</span> {reason.fix}
        </p>
      )}
      <ul className="grid gap-1.5">
        {recipients.map(({ address, reason: said }) => (
          <li key={address} className="grid [overflow-wrap:anywhere]">
            <span className="font-mono text-meta">{address}</span>
            {said === null ? null : <span className="font-mono text-ink-3 text-meta">{said}</span>}
          </li>
        ))}
      </ul>
      {recipientCount > recipients.length ? (
        <p className="text-ink-3">
          {t("queue.more-recipients", { count: recipientCount - recipients.length })}
        </p>
      ) : null}
      <p className="flex flex-wrap gap-x-4 text-ink-3">
        <span className="font-mono text-meta">{queueId}</span>
        <Link
          href={traceHref({ id: queueId, serverId, span: "month" })}
          className="text-accent hover:underline"
        >
          {t("queue.trace")}
        </Link>
      </p>
    </div>
  );
}
