import { decideRotation, type RotationDecision } from "@mailstead/core/dkim";
import { dkimRotations } from "@mailstead/db";
import { and, eq, isNull, lte, ne, or } from "drizzle-orm";
import { type ServiceContext, withTransaction } from "../context/index.ts";
import type { PublishOutcome, RecordPublisher, Witness } from "../dns/index.ts";
import { applyAsks } from "./apply-asks.ts";
import { setKeyFinding } from "./key-findings.ts";
import { factsOf, type LoadedRotation, loadRotation, readRotation, rotationOf } from "./load-rotation.ts";
import { namesToAsk, takeInWitness } from "./look-at-names.ts";
import { auditRotation, moveRotation, saveRotation, turnBack } from "./move-rotation.ts";
import { publishSides } from "./publish-sides.ts";
import type { RotationRecords } from "./rotation-records.ts";
import { tell } from "./rotation-story.ts";
import { settleTests } from "./settle-tests.ts";

/** What a rotation works with outside of our own rows. */
export interface RotationWorld {
  publisher: RecordPublisher;
  /** Asks the authoritative servers of TXT names. */
  witness(names: readonly string[]): Promise<Witness>;
}

/** Longer than name servers and a provider take to answer or to be given up on. */
const leaseMs = 3 * 60_000;
/** Steps that need nobody's time are made one after the other; the next look takes up what is left. */
const turnsMax = 12;

/**
 * Brings a rotation as far as it can come now. Each turn asks the name servers, decides, and keeps what follows in one
 * transaction, so a worker that dies leaves nothing half done and the next one does nothing twice. Gives the
 * servers that it concerns, or null when another worker has it in hand or it is over.
 */
export async function tickRotation(
  ctx: ServiceContext,
  { rotationId, ...world }: { rotationId: string } & RotationWorld,
): Promise<{ serverIds: string[] } | null> {
  const taken = await takeLease(ctx, rotationId);
  if (taken === null) return null;
  const { lease } = taken;
  let { names, serverIds } = taken;
  try {
    for (let turn = 0; turn < turnsMax; turn += 1) {
      const { next, loaded } = await takeTurn(ctx, { rotationId, lease, names, ...world });
      if (loaded !== null) serverIds = loaded.servers.map(({ id }) => id);
      if (next === null) break;
      names = next;
    }
  } finally {
    await giveBack(ctx, { rotationId, lease });
  }
  return { serverIds };
}

interface Turn extends RotationWorld {
  rotationId: string;
  lease: Date;
  /** What to ask the name servers for. */
  names: readonly string[];
}

interface Turned {
  /** Null when another worker has it. */
  loaded: LoadedRotation | null;
  /** What another turn asks the name servers for, which may bring it further; null when none does. */
  next: readonly string[] | null;
}

async function takeTurn(ctx: ServiceContext, { rotationId, lease, names, ...world }: Turn): Promise<Turned> {
  // The network is asked between transactions: a slow name server must hold no lock.
  const witness = await world.witness(names);
  const decided = await withTransaction(ctx, async (tx) => {
    const loaded = await loadRotation(tx, rotationId);
    if (!isHeld(loaded, lease)) return null;
    const decision = await decideAndApply(tx, ctx, { loaded, witness });
    return { decision, loaded };
  });
  if (decided === null) return { loaded: null, next: null };
  const { decision, loaded } = decided;
  const ends = { loaded, next: null };
  if (decision.kind !== "wait")
    return loaded.row.step === "done" ? ends : { loaded, next: namesToAsk(loaded) };
  if (!decision.asks.some(({ kind }) => kind === "publish")) return ends;
  const { organisationId, domainId } = loaded.row;
  const { put, withdraw } = loaded.records;
  const outcome = await publishSides(world.publisher, {
    organisationId,
    domainId,
    put,
    withdraw,
    reason: `rotation of the DKIM keys of ${loaded.domainName}`,
  });
  return withTransaction(ctx, async (tx) => {
    const current = await loadRotation(tx, rotationId);
    if (!isHeld(current, lease)) return { loaded: null, next: null };
    await recordPublication(tx, ctx, { loaded: current, records: loaded.records, outcome });
    // What the provider said is decided about at once, so that a refusal is told without another wait.
    return { loaded: current, next: namesToAsk(current) };
  });
}

type Tx = Parameters<Parameters<typeof withTransaction>[1]>[0];

async function decideAndApply(
  tx: Tx,
  ctx: ServiceContext,
  { loaded, witness }: { loaded: LoadedRotation; witness: Witness },
): Promise<RotationDecision> {
  await takeInWitness(tx, ctx, { loaded, witness });
  await settleTests(tx, ctx, { loaded, witness });
  const decision = decideRotation(rotationOf(loaded), factsOf(loaded, witness), ctx.now());
  switch (decision.kind) {
    case "advance":
      await moveRotation(tx, ctx, { loaded, to: decision.to, because: decision.because, witness });
      loaded.row.lookAgainAt = ctx.now();
      break;
    case "go-back":
      await turnBack(tx, ctx, { loaded, reason: decision.reason, witness });
      await tellPerson(tx, ctx, {
        loaded,
        kind: "turned-back",
        sentence: `The replacement of the DKIM keys of ${loaded.domainName} went back by itself: ${decision.reason}`,
      });
      loaded.row.lookAgainAt = ctx.now();
      break;
    case "wait":
      await applyAsks(tx, ctx, { loaded, asks: decision.asks });
      await raiseAlarm(tx, ctx, { loaded, alarm: decision.alarm });
      loaded.row.waitsFor = decision.waitsFor;
      loaded.row.waitsUntil = decision.until;
      loaded.row.lookAgainAt = decision.lookAgainAt;
      break;
  }
  await saveRotation(tx, loaded);
  return decision;
}

/** An alarm is told when it begins and when it ends, not at each look. */
async function raiseAlarm(
  tx: Tx,
  ctx: ServiceContext,
  { loaded, alarm }: { loaded: LoadedRotation; alarm: string | null },
): Promise<void> {
  const { row } = loaded;
  if (row.alarm === alarm) return;
  const former = row.alarm;
  row.alarm = alarm;
  row.alarmSince = alarm === null ? null : ctx.now();
  await tell(tx, ctx, {
    rotation: row,
    kind: alarm === null ? "calm" : "alarm",
    sentence: alarm ?? `No longer: ${former}`,
  });
  await tellPerson(tx, ctx, {
    loaded,
    kind: "alarm",
    sentence: alarm === null ? null : `The replacement of the DKIM keys of ${loaded.domainName}: ${alarm}`,
  });
  await auditRotation(tx, ctx, {
    loaded,
    action: alarm === null ? "calm-dkim-rotation" : "alarm-dkim-rotation",
    before: { alarm: former },
    after: { alarm },
  });
}

/** Among the findings of the domain, which are mailed. */
async function tellPerson(
  tx: Tx,
  ctx: ServiceContext,
  {
    loaded,
    kind,
    sentence,
  }: { loaded: LoadedRotation; kind: "alarm" | "turned-back"; sentence: string | null },
): Promise<void> {
  const { id, organisationId, tenantId, domainId } = loaded.row;
  const domain = { id: domainId, organisationId, tenantId };
  await setKeyFinding(
    tx,
    { domain, kind, ...(kind === "alarm" ? { about: id } : {}) },
    { sentence, at: ctx.now() },
  );
}

async function recordPublication(
  tx: Tx,
  ctx: ServiceContext,
  { loaded, records, outcome }: { loaded: LoadedRotation; records: RotationRecords; outcome: PublishOutcome },
): Promise<void> {
  const { publication } = loaded.progress;
  const former = publication?.digest === records.digest ? publication : null;
  const hasFailed = outcome.kind === "failed" || outcome.kind === "refused";
  loaded.progress = {
    ...loaded.progress,
    publication: {
      digest: records.digest,
      kind: outcome.kind,
      triedAt: ctx.now(),
      failures: hasFailed ? (former?.failures ?? 0) + 1 : 0,
      sentence: "sentence" in outcome ? outcome.sentence : null,
    },
  };
  const lines = (list: RotationRecords["put"]) =>
    list.map(({ name, type, value }) => ({ name, type, value }));
  // A provider that is asked again and again says the same; its first answer is the evidence.
  if (former?.kind !== outcome.kind || hasFailed)
    await tell(tx, ctx, {
      rotation: loaded.row,
      kind: "published",
      sentence: publicationSentence(outcome),
      evidence: { outcome, put: lines(records.put), withdraw: lines(records.withdraw) },
    });
  await saveRotation(tx, loaded);
}

function publicationSentence(outcome: PublishOutcome): string {
  switch (outcome.kind) {
    case "published":
      return `The DNS provider has taken the records (${outcome.changes} changes).`;
    case "by-hand":
      return "No DNS provider is connected; the records are shown to be pasted.";
    case "refused":
      return `The DNS provider refused the records: ${outcome.sentence}`;
    case "failed":
      return `The DNS provider could not take the records now: ${outcome.sentence}`;
  }
}

async function takeLease(
  ctx: ServiceContext,
  rotationId: string,
): Promise<{ lease: Date; names: readonly string[]; serverIds: string[] } | null> {
  const now = ctx.now();
  const lease = new Date(now.getTime() + leaseMs);
  return withTransaction(ctx, async (tx) => {
    const taken = await tx
      .update(dkimRotations)
      .set({ leasedUntil: lease })
      .where(
        and(
          eq(dkimRotations.id, rotationId),
          ne(dkimRotations.step, "done"),
          or(isNull(dkimRotations.leasedUntil), lte(dkimRotations.leasedUntil, now)),
        ),
      )
      .returning({ id: dkimRotations.id });
    if (taken.length === 0) return null;
    const rotation = await readRotation(tx, rotationId);
    return { lease, names: namesToAsk(rotation), serverIds: rotation.servers.map(({ id }) => id) };
  });
}

/** Another worker has taken it when this one was too slow, and a person may have ended it. */
function isHeld({ row }: LoadedRotation, lease: Date): boolean {
  return row.step !== "done" && row.leasedUntil?.getTime() === lease.getTime();
}

async function giveBack(
  ctx: ServiceContext,
  { rotationId, lease }: { rotationId: string; lease: Date },
): Promise<void> {
  await withTransaction(ctx, (tx) =>
    tx
      .update(dkimRotations)
      .set({ leasedUntil: null })
      .where(and(eq(dkimRotations.id, rotationId), eq(dkimRotations.leasedUntil, lease))),
  );
}
