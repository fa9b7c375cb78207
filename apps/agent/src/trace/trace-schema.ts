import { createHash } from "node:crypto";

/**
 * What a host remembers of each message. It lies in the store of telemetry, so that it changes in the transaction that moves
 * the log's cursor on. Addresses are searched for by keys of few bytes; their text stands once, in what is told of the message.
 */
export const traceSchemaSql = `
create table if not exists trace_messages (
  number integer primary key,
  queue_id text,
  message_key integer,
  began_at integer not null,
  ended_at integer,
  sender integer,
  sender_domain integer,
  events integer not null,
  facts text not null
) strict;
create index if not exists trace_queue_ids on trace_messages (queue_id, began_at);
create index if not exists trace_message_ids on trace_messages (message_key, began_at) where message_key is not null;
create index if not exists trace_senders on trace_messages (sender, began_at) where sender is not null;
create index if not exists trace_sender_domains on trace_messages (sender_domain, began_at)
  where sender_domain is not null;
create index if not exists trace_times on trace_messages (began_at);
create table if not exists trace_events (
  message integer not null,
  number integer not null,
  body text not null,
  primary key (message, number)
) strict, without rowid;
create table if not exists trace_recipients (
  recipient integer not null,
  began_at integer not null,
  message integer not null,
  recipient_domain integer not null,
  sender integer,
  sender_domain integer,
  primary key (recipient, began_at, message)
) strict, without rowid;
create table if not exists trace_verdicts (
  queue_id text not null,
  at integer not null,
  action text not null,
  score real not null,
  primary key (queue_id, at)
) strict, without rowid;
create index if not exists trace_verdict_times on trace_verdicts (at);
create index if not exists trace_recipient_domains on trace_recipients
  (recipient_domain, began_at, message, sender, sender_domain);
`;

const keyBytes = 6;

/** The key of a text, by which it is searched for. Two texts may share one, so what is found is compared as it stands. */
export function traceKey(text: string): number {
  return createHash("sha1").update(text).digest().readUIntBE(0, keyBytes);
}
