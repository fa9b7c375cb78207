import { checkSoon } from "@mailstead/core/domains";
import type { RecordValue, SetChange } from "@mailstead/core/publishing";
import { dnsPublishedRecords, domains, newId, type Transaction } from "@mailstead/db";
import { and, eq, inArray } from "drizzle-orm";
import { recordAudit } from "../audit/index.ts";
import { type Actor, withSystemTransaction, withTransaction } from "../context/index.ts";
import { DnsProviderError, type WriteOutcome, writeChanges } from "../dns/index.ts";
import { aloneInZone } from "./alone-in-zone.ts";
import { openConnection } from "./find-zones.ts";
import type { PlannedZone } from "./plan-zones.ts";
import type { PublishingScope, PublishingWorker } from "./publishing-worker.ts";

export interface PublishedDomain extends PublishingScope {
  domainId: string;
  domainName: string;
  /** Who asked, for the audit. */
  actor: Actor;
  /** For the audit, like "rotation of the DKIM keys". */
  reason: string;
}

export interface ZonesWritten {
  /** Values that came or went. */
  changeCount: number;
  /** Null when everything stands as planned. */
  problem: { sentence: string; kind: "temporary" | "permanent" } | null;
  hasChangedMeanwhile: boolean;
}

/**
 * Writes what was planned, zone by zone, and stops at the first that does not come out as planned. What is ours is noted
 * before it is written, so that a worker which dies in between leaves no value behind that we do not know as our own.
 */
export async function writeZones(
  worker: PublishingWorker,
  domain: PublishedDomain,
  zones: readonly PlannedZone[],
): Promise<ZonesWritten> {
  let changeCount = 0;
  for (const zone of zones.filter(({ changes }) => changes.length > 0)) {
    const claimed = await claim(worker, domain, zone);
    const outcome = await write(worker, zone);
    const done = doneOf(zone, outcome);
    await settle(worker, domain, { zone, claimed, outcome });
    changeCount += done.reduce(
      (sum, { added, removed, replaced }) => sum + added.length + removed.length + replaced.length,
      0,
    );
    if (outcome.kind !== "done")
      return {
        changeCount,
        problem: problemOf(zone, outcome),
        hasChangedMeanwhile: outcome.kind === "changed-meanwhile",
      };
  }
  return { changeCount, problem: null, hasChangedMeanwhile: false };
}

async function write(
  worker: PublishingWorker,
  { connectionId, zone, changes }: PlannedZone,
): Promise<WriteOutcome> {
  const provider = await openConnection(worker, connectionId).catch((error: unknown) => {
    if (error instanceof DnsProviderError) return error;
    throw error;
  });
  if (provider instanceof DnsProviderError) return { kind: "failed", error: provider, mayStillCome: false };
  const written = await aloneInZone(worker.system, { zone: zone.name }, () =>
    writeChanges({ provider, zone, changes }, worker.writeOptions),
  );
  return written ?? { kind: "failed", error: busy(zone.name), mayStillCome: false };
}

function busy(zone: string): DnsProviderError {
  return new DnsProviderError(
    "changed-meanwhile",
    `Somebody else is writing into the zone ${zone}; nothing was written, and this is tried again.`,
  );
}

/** Notes what we are about to add; gives back what was not noted before. */
async function claim(
  worker: PublishingWorker,
  { organisationId, tenantId, domainId }: PublishedDomain,
  { zone, changes }: PlannedZone,
): Promise<string[]> {
  const publishedAt = worker.system.now();
  const values = changes.flatMap(({ name, type, added }) => added.map((value) => ({ name, type, value })));
  if (values.length === 0) return [];
  const rows = await withSystemTransaction(worker.system, (tx) =>
    tx
      .insert(dnsPublishedRecords)
      .values(
        values.map((value) => ({
          id: newId(publishedAt),
          organisationId,
          tenantId,
          domainId,
          zone: zone.name,
          ...value,
          publishedAt,
        })),
      )
      .onConflictDoNothing()
      .returning({ id: dnsPublishedRecords.id }),
  );
  return rows.map(({ id }) => id);
}

/** Forgets what does not stand after all and what went, and writes the audit with before and after. */
async function settle(
  worker: PublishingWorker,
  domain: PublishedDomain,
  { zone, claimed, outcome }: { zone: PlannedZone; claimed: readonly string[]; outcome: WriteOutcome },
): Promise<void> {
  const { system } = worker;
  const done = doneOf(zone, outcome);
  await withSystemTransaction(system, async (tx) => {
    // What a provider may have written, or may write yet, stays noted as ours: nobody else would ever remove it.
    const isNothingWritten =
      outcome.kind === "changed-meanwhile" || (outcome.kind === "failed" && !outcome.mayStillCome);
    if (claimed.length > 0 && isNothingWritten)
      await tx.delete(dnsPublishedRecords).where(inArray(dnsPublishedRecords.id, [...claimed]));
    for (const { name, type, removed } of done)
      for (const value of removed) await forget(tx, domain, { name, type, value });
    if (done.length === 0 && outcome.kind !== "half-done") return;
    const { organisationId, tenantId, domainId, domainName, actor, reason } = domain;
    await recordAudit(
      tx,
      { ...system, actor },
      {
        organisationId,
        tenantId,
        action: "publish-records",
        subject: { kind: "domain", id: domainId, name: domainName },
        before: { zone: zone.zone.name, records: linesOf(zone.changes, "before") },
        after: {
          zone: zone.zone.name,
          records: linesOf(done, "after"),
          reason,
          ...(outcome.kind === "half-done" ? { open: linesOf(outcome.open, "after") } : {}),
        },
      },
    );
  });
  if (done.length > 0) await askForCheck(worker, domain);
}

async function forget(
  tx: Transaction,
  { organisationId }: PublishingScope,
  gone: RecordValue,
): Promise<void> {
  await tx
    .delete(dnsPublishedRecords)
    .where(
      and(
        eq(dnsPublishedRecords.organisationId, organisationId),
        eq(dnsPublishedRecords.name, gone.name),
        eq(dnsPublishedRecords.type, gone.type),
        eq(dnsPublishedRecords.value, gone.value),
      ),
    );
}

/** What was published is looked for at once, and again soon until all name servers show it. */
async function askForCheck(worker: PublishingWorker, domain: PublishedDomain): Promise<void> {
  const { system, app, installation } = worker;
  const { organisationId, domainId } = domain;
  const now = system.now();
  await withTransaction({ ...system, database: app, installation, organisationId, tenantId: null }, (tx) =>
    tx.update(domains).set(checkSoon(now)).where(eq(domains.id, domainId)),
  );
}

function doneOf({ changes }: PlannedZone, outcome: WriteOutcome): readonly SetChange[] {
  return outcome.kind === "done" ? changes : outcome.kind === "half-done" ? outcome.done : [];
}

function linesOf(changes: readonly SetChange[], when: "before" | "after"): string[] {
  return changes.flatMap((change) => change[when].map((value) => `${change.name} ${change.type} ${value}`));
}

function problemOf({ zone, label }: PlannedZone, outcome: WriteOutcome): ZonesWritten["problem"] {
  switch (outcome.kind) {
    case "done":
      return null;
    case "changed-meanwhile":
      return {
        kind: "temporary",
        sentence: `Somebody changed the zone ${zone.name} meanwhile, so nothing was written.`,
      };
    case "failed":
      return { kind: outcome.error.kind, sentence: outcome.error.message };
    case "half-done": {
      const open = outcome.open.map(({ name, type }) => `${type} ${name}`).join(", ");
      const said = outcome.error === null ? "" : ` ${outcome.error.message}`;
      return {
        kind: outcome.error?.kind ?? "temporary",
        sentence: `Only a part was written into ${zone.name} through ${label}; still open: ${open}.${said}`,
      };
    }
  }
}
