import type { JobArgs } from "@mailstead/core/jobs";
import { isProbeAddress } from "@mailstead/core/mailboxes";
import {
  addVerdict,
  bareMessageId,
  limitToDomains,
  matchesCriteria,
  type TraceCriteria,
  type TracedMessage,
  type TraceEvent,
  type TraceResult,
  tracedEventsMax,
  tracedMessagesMax,
  traceEventSchema,
  traceFactsSchema,
} from "@mailstead/core/trace";
import { z } from "zod";
import type { DatabaseSync } from "../platform/sqlite.ts";
import { readFact } from "../telemetry/store.ts";
import { traceFacts } from "./index-trace.ts";
import { readVerdicts } from "./index-verdicts.ts";
import { traceKey } from "./trace-schema.ts";

// What a frame carries, with room for what is around it.
const answerMaxBytes = 500_000;
// Messages that are looked at for one answer, where the person may see few of them.
const lookedAtMax = 2000;

const numberRow = z.object({ number: z.int() });
const messageRow = z.object({
  queue_id: z.string().nullable(),
  began_at: z.number(),
  ended_at: z.number().nullable(),
  facts: z.string(),
});
const eventRow = z.object({ body: z.string() });

/** Finds messages in a host's index, the newest first, within the bounds of one answer. */
export function searchTrace(
  database: DatabaseSync,
  { visibleDomains, ...criteria }: JobArgs<"trace-message">,
): Omit<TraceResult, "tookMs"> {
  const visible = visibleDomains === null ? null : new Set(visibleDomains);
  const messages: TracedMessage[] = [];
  const numbers = findNumbers(database, criteria);
  let hasMore = numbers.length > lookedAtMax;
  let bytes = 0;
  for (const number of numbers.slice(0, lookedAtMax)) {
    const found = readMessage(database, number);
    if (found === null || isOfProbe(found) || !matchesCriteria(found, criteria)) continue;
    const seen = limitToDomains(found, visible);
    if (seen === null) continue;
    const told = boundedEvents(seen, criteria);
    bytes += Buffer.byteLength(JSON.stringify(told));
    if (messages.length === tracedMessagesMax || (messages.length > 0 && bytes > answerMaxBytes)) {
      hasMore = true;
      break;
    }
    messages.push(told);
  }
  return {
    indexBeginsAt: numberOf(readFact(database, traceFacts.begins)),
    readUntilAt: numberOf(readFact(database, traceFacts.until)),
    messages,
    hasMore,
  };
}

/** What the host writes to itself to try its mail, in the name of a domain, is no letter of anybody's. */
function isOfProbe({ saslUsername, events }: TracedMessage): boolean {
  return (
    isProbeAddress(saslUsername ?? "") ||
    events.some(
      (event) => (event.kind === "attempt" || event.kind === "refused") && isProbeAddress(event.to ?? ""),
    )
  );
}

/** Numbers of messages that may match, by the one index that leads closest; newest first and without doubles. */
function findNumbers(database: DatabaseSync, criteria: TraceCriteria): readonly number[] {
  const { sender, recipient, domain, messageId, queueId } = criteria;
  const key = (text: string) => traceKey(text.toLowerCase());
  const ask = (from: "messages" | "recipients", where: string, ...values: (string | number)[]) =>
    select(database, criteria, { from, where, values });
  if (queueId !== undefined) return numbersOf(ask("messages", "queue_id = ?", queueId));
  if (messageId !== undefined)
    return numbersOf(ask("messages", "message_key = ?", traceKey(bareMessageId(messageId))));
  if (recipient !== undefined)
    return numbersOf(
      sender === undefined
        ? ask("recipients", "recipient = ?", key(recipient))
        : ask("recipients", "recipient = ? and sender = ?", key(recipient), key(sender)),
    );
  if (sender !== undefined) {
    if (domain === undefined || key(sender.slice(sender.lastIndexOf("@") + 1)) === key(domain))
      return numbersOf(ask("messages", "sender = ?", key(sender)));
    return numbersOf(ask("recipients", "recipient_domain = ? and sender = ?", key(domain), key(sender)));
  }
  if (domain === undefined) return [];
  return numbersOf([
    ...ask("messages", "sender_domain = ?", key(domain)),
    ...ask("recipients", "recipient_domain = ?", key(domain)),
  ]);
}

const foundRow = numberRow.extend({ began_at: z.number() });
type Found = z.infer<typeof foundRow>;

function select(
  database: DatabaseSync,
  { fromUnixMs, untilUnixMs }: TraceCriteria,
  { from, where, values }: { from: "messages" | "recipients"; where: string; values: (string | number)[] },
): readonly Found[] {
  const column = from === "messages" ? "number" : "message";
  return database
    .prepare(
      `select ${column} as number, began_at from trace_${from}
       where ${where} and began_at between ? and ? order by began_at desc limit ?`,
    )
    .all(...values, fromUnixMs ?? 0, untilUnixMs ?? Number.MAX_SAFE_INTEGER, lookedAtMax + 1)
    .map((row) => foundRow.parse(row));
}

function numbersOf(found: readonly Found[]): readonly number[] {
  const sorted = found.toSorted((a, b) => b.began_at - a.began_at || b.number - a.number);
  return [...new Set(sorted.map(({ number }) => number))];
}

function readMessage(database: DatabaseSync, number: number): TracedMessage | null {
  const row = database
    .prepare("select queue_id, began_at, ended_at, facts from trace_messages where number = ?")
    .get(number);
  // Node says undefined where bun says null.
  if (row == null) return null;
  const { queue_id, began_at, ended_at, facts } = messageRow.parse(row);
  const events = database
    .prepare("select body from trace_events where message = ? order by number")
    .all(number)
    .map((event) => traceEventSchema.parse(JSON.parse(eventRow.parse(event).body)));
  const message: TracedMessage = {
    ...traceFactsSchema.parse(JSON.parse(facts)),
    queueId: queue_id,
    beganAt: began_at,
    endedAt: ended_at,
    events,
    eventsLeftOut: 0,
  };
  if (queue_id === null) return message;
  return addVerdict(message, readVerdicts(database, { queueId: queue_id, beganAt: began_at }));
}

/** Of a message with very many recipients, what concerns the one that is looked for goes before the rest. */
function boundedEvents(message: TracedMessage, { recipient }: TraceCriteria): TracedMessage {
  if (message.events.length <= tracedEventsMax) return message;
  const wanted = recipient?.toLowerCase();
  const isWanted = (event: TraceEvent) =>
    event.kind !== "attempt" ||
    event.to.toLowerCase() === wanted ||
    event.originalTo?.toLowerCase() === wanted;
  const chosen = new Set(
    [...message.events.filter(isWanted), ...message.events.filter((event) => !isWanted(event))].slice(
      0,
      tracedEventsMax,
    ),
  );
  return {
    ...message,
    events: message.events.filter((event) => chosen.has(event)),
    eventsLeftOut: message.events.length - chosen.size,
  };
}

function numberOf(text: string | null): number | null {
  return text === null ? null : Number(text);
}
