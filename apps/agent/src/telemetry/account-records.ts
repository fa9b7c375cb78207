import {
  type AccountAlert,
  type AccountRecord,
  accountAlertSchema,
  accountRecordSchema,
  learnScore,
  learnSending,
  newAccount,
  type Sending,
} from "@mailstead/core/accounts";
import type { TrackedDelivery } from "@mailstead/core/delivery";
import type { ToldVerdict } from "@mailstead/core/verdicts";
import { z } from "zod";
import type { DatabaseSync } from "../platform/sqlite.ts";
import { statement } from "./store.ts";

/** What one of this host's accounts sent to one recipient. */
export interface AccountSending extends Sending {
  readonly account: string;
}

/** What the spam filter gave a message of one of this host's accounts. */
export interface AccountScore {
  readonly account: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly score: number;
}

/** An account as it is kept. */
export interface StoredAccount {
  readonly address: string;
  readonly record: AccountRecord;
  readonly alert: AccountAlert | null;
  /** What was told of it last, as it was written; null where nothing was. */
  readonly told: string | null;
}

const row = z.object({
  address: z.string(),
  record: z.string(),
  alert: z.string().nullable(),
  told: z.string().nullable(),
});

/** A mailbox that nobody sends from for so long is as good as new. */
const forgottenAfterMs = 90 * 86_400_000;

/** What an attempt says of the account that sent the message; null for what no account sent. */
export function sendingOf(delivery: TrackedDelivery): AccountSending | null {
  const { saslUsername, at, to, clientAddress, attempt, status, isNotification } = delivery;
  if (saslUsername === null || isNotification) return null;
  const isFirst = attempt === 1;
  const isBounced = status === "bounced";
  if (!isFirst && !isBounced) return null;
  return { account: saslUsername.toLowerCase(), at, recipient: to, clientAddress, isFirst, isBounced };
}

/** Learns from sendings, in a transaction that the caller has begun, so that each counts once with the line that told it. */
export function learnAccounts(database: DatabaseSync, sendings: readonly AccountSending[]): void {
  for (const [address, own] of Map.groupBy(sendings, ({ account }) => account)) {
    const known = readAccount(database, address);
    const record = own.reduce(learnSending, known?.record ?? newAccount(own[0]?.at ?? 0));
    writeAccount(database, { address, record, alert: known?.alert ?? null, told: known?.told ?? null });
  }
}

/** What a verdict says of the account that sent the message; null for what no account sent, or what will be judged again. */
export function scoreOf({ account, action, at, score }: ToldVerdict): AccountScore | null {
  if (account === undefined || action === "soft reject") return null;
  return { account: account.toLowerCase(), at: at * 1000, score };
}

/** Learns from scores, in the transaction that moves on past the lines that told them. */
export function learnScores(database: DatabaseSync, scores: readonly AccountScore[]): void {
  for (const [address, own] of Map.groupBy(scores, ({ account }) => account)) {
    const known = readAccount(database, address);
    const record = own.reduce(learnScore, known?.record ?? newAccount(own[0]?.at ?? 0));
    writeAccount(database, { address, record, alert: known?.alert ?? null, told: known?.told ?? null });
  }
}

export function readAccount(database: DatabaseSync, address: string): StoredAccount | null {
  const found = statement(
    database,
    "select address, record, alert, told from accounts where address = ?",
  ).get(address);
  // Node says undefined where bun says null.
  return found == null ? null : parse(found);
}

/** Accounts that have sent since then, and those of which something was told or is to be. */
export function readLiveAccounts(database: DatabaseSync, since: number): StoredAccount[] {
  return statement(
    database,
    "select address, record, alert, told from accounts where at >= ? or alert is not null or told is not null",
  )
    .all(since)
    .map(parse);
}

export function writeAccount(database: DatabaseSync, { address, record, alert, told }: StoredAccount): void {
  statement(
    database,
    "insert or replace into accounts (address, record, alert, told, at) values (?, ?, ?, ?, ?)",
  ).run(
    address,
    JSON.stringify(record),
    alert === null ? null : JSON.stringify(alert),
    told,
    Math.floor(record.at),
  );
}

/** Forgets accounts that have sent nothing for long. */
export function forgetAccounts(database: DatabaseSync, now: number): void {
  statement(database, "delete from accounts where at < ? and alert is null and told is null").run(
    now - forgottenAfterMs,
  );
}

function parse(found: unknown): StoredAccount {
  const { address, record, alert, told } = row.parse(found);
  return {
    address,
    record: accountRecordSchema.parse(JSON.parse(record)),
    alert: alert === null ? null : accountAlertSchema.parse(JSON.parse(alert)),
    told,
  };
}
