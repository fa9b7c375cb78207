import {
  addChange,
  domainOf,
  searchedRecipients,
  searchedSender,
  type TraceChange,
  type TracedMessage,
  type TraceFacts,
  type TraceSessions,
  traceFactsSchema,
} from "@mailstead/core/trace";
import { z } from "zod";
import type { DatabaseSync } from "../platform/sqlite.ts";
import { readFact, statement, writeFact } from "../telemetry/store.ts";
import { pruneTrace, type TraceLimits, traceLimits } from "./prune-trace.ts";
import { traceKey } from "./trace-schema.ts";

/** What one reading of the log tells of messages. */
export interface TraceReading {
  readonly changes: readonly TraceChange[];
  readonly sessions: TraceSessions;
  /** Milliseconds since 1970. */
  readonly readAt: number;
}

export const traceFacts = {
  begins: "trace begins",
  until: "trace until",
  sessions: "trace sessions",
} as const;

const openRow = z.object({
  number: z.int(),
  began_at: z.number(),
  events: z.int(),
  facts: z.string().transform((text) => traceFactsSchema.parse(JSON.parse(text))),
});

/** The TLS sessions that were open when the log was last read. */
export function readTraceSessions(database: DatabaseSync): TraceSessions {
  return JSON.parse(readFact(database, traceFacts.sessions) ?? "[]");
}

/**
 * Adds a reading to the index and forgets what is too old or too much, in a transaction that the caller has begun: so
 * each line is in it once, wherever the agent is killed.
 */
export function indexTrace(
  database: DatabaseSync,
  { changes, sessions, readAt }: TraceReading,
  limits: TraceLimits = traceLimits,
): void {
  const writer = openWriter(database);
  for (const change of changes) writer.write(change);
  writeFact(database, traceFacts.sessions, JSON.stringify(sessions));
  writeFact(database, traceFacts.until, String(readAt));
  if (readFact(database, traceFacts.begins) === null)
    writeFact(database, traceFacts.begins, String(Math.min(readAt, changes[0]?.at ?? readAt)));
  const forgottenUntil = pruneTrace(database, readAt, limits);
  if (forgottenUntil !== null) writeFact(database, traceFacts.begins, String(forgottenUntil));
}

function openWriter(database: DatabaseSync): { write(change: TraceChange): void } {
  const find = statement(
    database,
    `select number, began_at, events, facts from trace_messages
     where queue_id = ? and ended_at is null order by began_at desc, number desc limit 1`,
  );
  const insert = statement(
    database,
    `insert into trace_messages (queue_id, message_key, began_at, ended_at, sender, sender_domain, events, facts)
     values (?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const update = statement(
    database,
    `update trace_messages set message_key = ?, ended_at = ?, sender = ?, sender_domain = ?, events = ?, facts = ?
     where number = ?`,
  );
  const addEvent = statement(database, "insert into trace_events values (?, ?, ?)");
  const addRecipient = statement(
    database,
    "insert or replace into trace_recipients values (?, ?, ?, ?, ?, ?)",
  );
  return {
    write(change) {
      const row = change.queueId === null || change.begins ? null : find.get(change.queueId);
      // Node says undefined where bun says null.
      const kept = row == null ? null : openRow.parse(row);
      const message = addChange(
        kept === null
          ? null
          : {
              ...kept.facts,
              queueId: change.queueId,
              beganAt: kept.began_at,
              endedAt: null,
              events: [],
              eventsLeftOut: 0,
            },
        change,
      );
      const { sender, senderDomain, messageKey } = keysOf(message);
      const facts = JSON.stringify(factsOf(message));
      const eventCount = (kept?.events ?? 0) + change.events.length;
      const { beganAt, endedAt } = message;
      let number = kept?.number;
      if (number === undefined)
        number = Number(
          insert.run(message.queueId, messageKey, beganAt, endedAt, sender, senderDomain, eventCount, facts)
            .lastInsertRowid,
        );
      else update.run(messageKey, endedAt, sender, senderDomain, eventCount, facts, number);
      let position = kept?.events ?? 0;
      for (const event of change.events) addEvent.run(number, position++, JSON.stringify(event));
      for (const recipient of searchedRecipients(change.events))
        addRecipient.run(
          traceKey(recipient),
          beganAt,
          number,
          traceKey(domainOf(recipient)),
          sender,
          senderDomain,
        );
    },
  };
}

function factsOf({
  messageId,
  from,
  client,
  saslUsername,
  tlsVersion,
  isLocal,
  sizeBytes,
  recipientCount,
  originalQueueId,
}: TracedMessage): TraceFacts {
  return {
    messageId,
    from,
    client,
    saslUsername,
    tlsVersion,
    isLocal,
    sizeBytes,
    recipientCount,
    originalQueueId,
  };
}

function keysOf(message: TracedMessage) {
  const from = searchedSender(message);
  return {
    sender: from === null ? null : traceKey(from),
    senderDomain: from === null ? null : traceKey(domainOf(from)),
    messageKey: message.messageId === null ? null : traceKey(message.messageId),
  };
}
