import { planRollover, type RolloverPlan, wantedDigests } from "@mailstead/core/certificates";
import { certificates, type StoredRecord } from "@mailstead/db";
import { eq } from "drizzle-orm";
import { withTransaction } from "../context/index.ts";
import { DnsView } from "../dns/index.ts";
import type { CertificateRow } from "./certificate-row.ts";
import { placeRecords } from "./place-records.ts";
import { type Published, type PublishedFor, publishRecords, withdrawRecords } from "./publish-records.ts";

export type RolledOver =
  | { kind: "ready" }
  | { kind: "waiting"; until: Date; sentence: string; toPaste: StoredRecord[] };

const usedAt = ["_25._tcp", "_443._tcp"] as const;
const parameters = "3 1 1";
const askAgainMs = 60_000;

/** One step of a change of keys: says whether a certificate for the next key may be ordered now. */
export async function rollOverTlsa(row: CertificateRow, who: PublishedFor): Promise<RolledOver> {
  const { certificate, keys } = row;
  const now = who.ctx.now();
  const digestOf = (keyId: string | null) => (keyId === null ? null : (keys.get(keyId)?.spkiSha256 ?? null));
  const [current, next] = [digestOf(certificate.keyId), digestOf(certificate.nextKeyId)];
  const shown = await readTlsa(row, who, next);
  if (!shown.isNextShown && certificate.nextSeenSince !== null) await keepSeenSince(row, who, null);
  const facts = { current, next, published: shown.digests, ttlMs: shown.ttlMs };
  const plan = planRollover(
    { ...facts, nextSeenSince: shown.isNextShown ? certificate.nextSeenSince : null },
    now,
  );
  if (plan.kind === "publish") {
    const records = shown.names.flatMap((name) =>
      wantedDigests({ current, next }).map((digest) => tlsaRecord(name, digest)),
    );
    return await publishBoth(row, { who, records });
  }
  if (plan.kind === "wait" && shown.isNextShown && certificate.nextSeenSince === null)
    await keepSeenSince(row, who, now);
  return afterWaiting(plan, now);
}

async function publishBoth(
  row: CertificateRow,
  { who, records }: { who: PublishedFor; records: readonly StoredRecord[] },
): Promise<RolledOver> {
  const placed = await placeRecords(
    records.map((record) => ({ record, alias: null })),
    who,
  );
  const published: Published = await publishRecords(placed, who);
  const now = who.ctx.now();
  if (published.kind === "shown") await keepSeenSince(row, who, now);
  return {
    kind: "waiting",
    until: new Date(now.getTime() + askAgainMs),
    sentence: published.kind === "shown" ? waitSentences.wait : published.sentence,
    toPaste: published.kind === "shown" ? [] : published.toPaste,
  };
}

/** Takes the former key's records away once the host serves the new one. */
export async function retireTlsa(row: CertificateRow, who: PublishedFor): Promise<void> {
  const { retiringSpki, issuedRevision, id, names } = row.certificate;
  if (retiringSpki === null || issuedRevision === null) return;
  if (row.server.appliedRevision < issuedRevision) return;
  const records = tlsaNames(names).map((name) => tlsaRecord(name, retiringSpki));
  // The key may have leaked, and who has it passes for this server as long as its record stands: it is tried again.
  if (!(await withdrawRecords(records, who))) return;
  await withTransaction(who.ctx, (tx) =>
    tx.update(certificates).set({ retiringSpki: null }).where(eq(certificates.id, id)),
  );
}

interface ShownTlsa {
  /** Names that have TLSA records, which are the ones to keep in step. */
  names: string[];
  digests: string[] | null;
  isNextShown: boolean;
  ttlMs: number;
}

async function readTlsa(
  row: CertificateRow,
  { deps }: PublishedFor,
  next: string | null,
): Promise<ShownTlsa> {
  const view = new DnsView(deps.resolver);
  const asked = await Promise.all(
    tlsaNames(row.certificate.names).map(async (name) => ({
      name,
      answers: (await view.askEverywhere({ name, type: "TLSA" })).filter((answer) => answer.kind !== "alias"),
    })),
  );
  const isSilent = asked.some(({ answers }) =>
    answers.some((answer) => answer.kind === "failed" && answer.isLame !== true),
  );
  const inUse = asked
    .map(({ name, answers }) => ({ name, answers: answers.filter((answer) => answer.kind === "answered") }))
    .filter(({ answers }) => answers.some(({ values }) => values.length > 0));
  const all = inUse.flatMap(({ answers }) => answers);
  const isNextShown =
    next !== null && all.length > 0 && all.every(({ values }) => values.includes(`${parameters} ${next}`));
  const digests = new Set(all.flatMap(({ values }) => values).map((value) => value.split(" ").at(-1) ?? ""));
  // One that some server does not show yet does not count as published.
  if (next !== null && !isNextShown) digests.delete(next);
  const ttlSeconds = Math.max(0, ...all.map((answer) => answer.ttlSeconds ?? 0));
  return {
    names: inUse.map(({ name }) => name),
    digests: isSilent ? null : [...digests],
    isNextShown: isNextShown && !isSilent,
    ttlMs: ttlSeconds * 1000,
  };
}

function tlsaNames(names: readonly string[]): string[] {
  return names
    .filter((name) => !name.startsWith("*."))
    .flatMap((name) => usedAt.map((port) => `${port}.${name}`));
}

function tlsaRecord(name: string, digest: string): StoredRecord {
  return { name, type: "TLSA", value: `${parameters} ${digest}` };
}

async function keepSeenSince(row: CertificateRow, { ctx }: PublishedFor, since: Date | null): Promise<void> {
  await withTransaction(ctx, (tx) =>
    tx.update(certificates).set({ nextSeenSince: since }).where(eq(certificates.id, row.certificate.id)),
  );
}

function afterWaiting(plan: Exclude<RolloverPlan, { kind: "publish" }>, now: Date): RolledOver {
  if (plan.kind === "install") return { kind: "ready" };
  const until = plan.kind === "wait" ? plan.until : new Date(now.getTime() + askAgainMs);
  return { kind: "waiting", until, sentence: waitSentences[plan.kind], toPaste: [] };
}

const waitSentences = {
  wait: "The TLSA record of the new key stands. Caches are waited for before the key is used.",
  "ask-again": "Not all name servers could be asked for the TLSA records; they are asked again.",
  "wait-for-key": "The host is making the new key.",
} as const;
