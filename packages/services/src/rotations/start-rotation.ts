import {
  cacheWaitMs,
  defaultRotationTiming,
  endingSteps,
  type RotationKind,
  type RotationTiming,
  rotationTimingSchema,
} from "@mailstead/core/dkim";
import { isSeenByAll } from "@mailstead/core/dns";
import { domainRoles, signsMail } from "@mailstead/core/domains";
import { dkimKeys, dkimRotations, domainServers, newId, type Transaction } from "@mailstead/db";
import { and, asc, desc, eq, inArray, isNull, ne, sql } from "drizzle-orm";
import { z } from "zod";
import {
  parseInput,
  requireRole,
  type ServiceContext,
  ServiceError,
  withTransaction,
} from "../context/index.ts";
import { findUnseenAliases, planDomainKeys } from "../dkim/index.ts";
import { readLastCheck } from "../domains/index.ts";
import { getDomainForChange } from "../mailboxes/index.ts";
import { changeTargetState, getServerForChange } from "../servers/index.ts";
import { changeKeys } from "./apply-asks.ts";
import { setKeyFinding } from "./key-findings.ts";
import { type LoadedRotation, loadRotation } from "./load-rotation.ts";
import { auditRotation, endRotation, planNextRotation, saveRotation } from "./move-rotation.ts";
import { type RotationProgress, withServer } from "./rotation-progress.ts";
import type { DkimKeyRow } from "./rotation-records.ts";
import { tell } from "./rotation-story.ts";

const startRotationInput = z.object({
  domainId: z.uuid(),
  kind: z.enum(["scheduled", "by-hand", "compromise"]),
  timing: rotationTimingSchema.optional(),
});

/**
 * Begins to replace every DKIM key of a domain on all its servers; nothing signs with a new key before the world shows
 * it. After a theft the old keys stop signing and are revoked at once, and a rotation that is under way is cut short.
 * Throws `conflict` while another rotation's keys are not proven yet or no delegated name is free, and
 * `precondition-failed` while first keys do not sign yet or an alias is not seen.
 */
export async function startRotation(
  ctx: ServiceContext,
  input: z.input<typeof startRotationInput>,
): Promise<{ rotationId: string }> {
  requireRole(ctx, "technician");
  const { domainId, kind, timing = defaultRotationTiming } = parseInput(startRotationInput, input);
  return withTransaction(ctx, async (tx) => {
    const domain = await getDomainForChange(tx, domainId);
    await makeRoom(tx, ctx, { domainId, kind });
    const { formerKeys, absent } = await readFormerKeys(tx, { domainId, kind });
    refuseUnready(domain.name, { kind, keys: formerKeys });
    const rotationId = newId(ctx.now());
    await insertRotation(tx, ctx, { id: rotationId, domain, kind, timing });
    const loaded = await loadRotation(tx, rotationId);
    const { progress, selectors } = await planKeysOfServers(tx, ctx, {
      rotationId,
      domain,
      kind,
      formerKeys,
      absent,
    });
    await replaceKeys(tx, ctx, { rotationId, kind, keys: formerKeys });
    loaded.progress = progress;
    await saveRotation(tx, loaded);
    await planNextRotation(tx, { domainId, since: ctx.now() });
    for (const told of ["not-replaced", "turned-back"] as const)
      await setKeyFinding(tx, { domain, kind: told }, { sentence: null, at: ctx.now() });
    const sentence = startSentences[kind];
    await tell(tx, ctx, {
      rotation: loaded.row,
      kind: "started",
      sentence,
      evidence: { former: formerKeys.map(({ selector }) => selector), selectors, timing },
    });
    await auditRotation(tx, ctx, {
      loaded,
      action: "start-dkim-rotation",
      before: { selectors: formerKeys.map(({ selector }) => selector) },
      after: { kind, selectors, timing },
    });
    return { rotationId };
  });
}

const startSentences: Record<RotationKind, string> = {
  scheduled: "The schedule began to replace the keys.",
  "by-hand": "A person began to replace the keys.",
  compromise: "A key is said to be stolen: the old keys sign no more and are revoked at once.",
};

/**
 * A theft ends what is under way; its keys are all replaced by the rotation that follows. Else only rotations that bring
 * their old keys to an end may be open: what they brought has been watched.
 */
async function makeRoom(
  tx: Transaction,
  ctx: ServiceContext,
  { domainId, kind }: { domainId: string; kind: RotationKind },
): Promise<void> {
  const open = await tx
    .select({ id: dkimRotations.id })
    .from(dkimRotations)
    .where(and(eq(dkimRotations.domainId, domainId), ne(dkimRotations.step, "done")))
    .orderBy(asc(dkimRotations.id));
  for (const { id } of open) {
    const loaded = await loadRotation(tx, id);
    if (kind === "compromise") await cutShort(tx, ctx, loaded);
    else if (!endingSteps.includes(loaded.row.step))
      throw new ServiceError(
        "conflict",
        "A rotation of this domain is under way: its new keys do not sign yet, or have not been watched for long enough. Wait for that, or say that a key was stolen.",
      );
  }
}

async function cutShort(tx: Transaction, ctx: ServiceContext, loaded: LoadedRotation): Promise<void> {
  if (loaded.row.step === "done") return;
  await endRotation(tx, ctx, { loaded, outcome: "superseded" });
  loaded.row.step = "done";
  loaded.row.stepSince = ctx.now();
  loaded.row.reason = "A key was said to be stolen, so another rotation replaces all keys at once.";
  await tell(tx, ctx, { rotation: loaded.row, kind: "ended", sentence: loaded.row.reason });
  await saveRotation(tx, loaded);
}

/**
 * Those that the rotation replaces: after a theft all whose records may stand, else those that sign or wait to, and those
 * that were given up with their host. Also gives the servers that take no part.
 */
async function readFormerKeys(
  tx: Transaction,
  { domainId, kind }: { domainId: string; kind: RotationKind },
): Promise<{ formerKeys: DkimKeyRow[]; absent: ReadonlySet<string> }> {
  const living = await tx
    .select()
    .from(dkimKeys)
    .where(
      and(
        eq(dkimKeys.domainId, domainId),
        ne(dkimKeys.state, "destroyed"),
        // Those of a server that has left the domain end by themselves, but a thief does not wait for that.
        kind === "compromise" ? undefined : isNull(dkimKeys.recordEndsAt),
      ),
    )
    .orderBy(asc(dkimKeys.selector));
  if (kind === "compromise") return { formerKeys: living, absent: new Set() };
  const absent = absentServers(living);
  const formerKeys = living.filter(
    ({ state, serverId, madeBy, replacedBy, isGivenUp }) =>
      state === "signing" ||
      (state === "waiting" && madeBy === null && !absent.has(serverId)) ||
      (isGivenUp && state === "retiring" && replacedBy === null),
  );
  return { formerKeys, absent };
}

/**
 * Servers that sign nothing and have made nothing, as one that nobody has set up again after its machine was lost; none
 * when there is no other. Their first keys come by themselves, and a rotation goes on without them.
 */
function absentServers(keys: readonly DkimKeyRow[]): Set<string> {
  if (!keys.some(({ state }) => state === "signing")) return new Set();
  const ofServers = [...Map.groupBy(keys, ({ serverId }) => serverId)];
  const isAbsent = ({ state, madeBy, publicKey }: DkimKeyRow) =>
    state === "waiting" && madeBy === null && publicKey === null;
  const absent = ofServers.filter(
    ([, own]) => own.some(isAbsent) && own.every((key) => isAbsent(key) || key.privateKeyGoneAt !== null),
  );
  return new Set(absent.map(([serverId]) => serverId));
}

function refuseUnready(
  name: string,
  { kind, keys }: { kind: RotationKind; keys: readonly DkimKeyRow[] },
): void {
  if (keys.length === 0) throw new ServiceError("precondition-failed", `${name} has no DKIM keys.`);
  if (kind === "compromise") return;
  const waiting = keys.filter(({ state }) => state === "waiting");
  if (waiting.length > 0)
    throw new ServiceError(
      "precondition-failed",
      `The first keys of ${name} do not all sign yet (${waiting.map(({ selector }) => selector).join(", ")}); publish their records first.`,
    );
}

async function replaceKeys(
  tx: Transaction,
  ctx: ServiceContext,
  { rotationId, kind, keys }: { rotationId: string; kind: RotationKind; keys: readonly DkimKeyRow[] },
): Promise<void> {
  await tx
    .update(dkimKeys)
    .set({
      replacedBy: rotationId,
      ...(kind === "compromise"
        ? {
            state: "revoked" as const,
            recordEndsAt: null,
            shownSince: null,
            endedAt: sql`coalesce(${dkimKeys.endedAt}, ${ctx.now()})`,
          }
        : {}),
    })
    .where(
      inArray(
        dkimKeys.id,
        keys.map(({ id }) => id),
      ),
    );
}

interface Rotated {
  id: string;
  organisationId: string;
  tenantId: string;
  name: string;
}

async function insertRotation(
  tx: Transaction,
  ctx: ServiceContext,
  { id, domain, kind, timing }: { id: string; domain: Rotated; kind: RotationKind; timing: RotationTiming },
): Promise<void> {
  const now = ctx.now();
  const startedAt = await afterTheLast(tx, { domainId: domain.id, now });
  await tx.insert(dkimRotations).values({
    id,
    organisationId: domain.organisationId,
    tenantId: domain.tenantId,
    domainId: domain.id,
    kind,
    step: "generating",
    stepSince: now,
    startedAt,
    startedBy: ctx.actor.name,
    cacheWaitMs: cacheWaitMs({ soaMinimumsSeconds: [], formerTtlsSeconds: [] }, timing),
    timing,
    progress: {},
    waitsFor: "the servers to make the new keys.",
    lookAgainAt: now,
  });
}

/** The order of rotations says which one follows which, so a clock that was set back must not turn it round. */
async function afterTheLast(
  tx: Transaction,
  { domainId, now }: { domainId: string; now: Date },
): Promise<Date> {
  const [last] = await tx
    .select({ startedAt: dkimRotations.startedAt })
    .from(dkimRotations)
    .where(eq(dkimRotations.domainId, domainId))
    .orderBy(desc(dkimRotations.startedAt))
    .limit(1);
  return last === undefined || last.startedAt < now ? now : new Date(last.startedAt.getTime() + 1);
}

/** The delegated names whose aliases the last check found right on every name server. */
async function readSeenAliases(tx: Transaction, { id, name }: Rotated): Promise<Set<string>> {
  const check = await readLastCheck(tx, id);
  const records = check?.report.kind === "checked" ? check.report.records : [];
  const suffix = `._domainkey.${name}`;
  const seen = records.filter(
    ({ record, verdict }) => record.purpose === "dkim-alias" && isSeenByAll(verdict),
  );
  return new Set(seen.map(({ record }) => record.name.slice(0, -suffix.length)));
}

async function refuseUnseenAliases(
  tx: Transaction,
  { domain, seenSelectors, now }: { domain: Rotated; seenSelectors: ReadonlySet<string>; now: Date },
): Promise<void> {
  const unseen = await findUnseenAliases(tx, { domainId: domain.id, now, seenSelectors });
  if (unseen.length === 0) return;
  const lines = unseen.map(({ selector, target }) => `${selector}._domainkey.${domain.name} CNAME ${target}`);
  throw new ServiceError(
    "precondition-failed",
    `Not every name server is known to show ${lines.length === 1 ? "this alias" : "these aliases"}: ${lines.join("; ")}. Publish ${lines.length === 1 ? "it" : "them"}, and check the domain again.`,
  );
}

async function planKeysOfServers(
  tx: Transaction,
  ctx: ServiceContext,
  {
    rotationId,
    domain,
    kind,
    formerKeys,
    absent,
  }: {
    rotationId: string;
    domain: Rotated;
    kind: RotationKind;
    formerKeys: readonly DkimKeyRow[];
    absent: ReadonlySet<string>;
  },
): Promise<{ progress: RotationProgress; selectors: string[] }> {
  const hosts = await tx
    .select({ serverId: domainServers.serverId })
    .from(domainServers)
    .where(
      and(eq(domainServers.domainId, domain.id), inArray(domainServers.role, domainRoles.filter(signsMail))),
    )
    .orderBy(asc(domainServers.serverId));
  let progress: RotationProgress = { servers: {}, publication: null, witnessDigest: null };
  const selectors: string[] = [];
  const isTheft = kind === "compromise";
  const seenSelectors = await readSeenAliases(tx, domain);
  if (!isTheft) await refuseUnseenAliases(tx, { domain, seenSelectors, now: ctx.now() });
  for (const { serverId } of hosts.filter((host) => !absent.has(host.serverId))) {
    const server = await getServerForChange(tx, serverId);
    const keys = await planDomainKeys(tx, {
      domain,
      serverId,
      now: ctx.now(),
      rotation: { id: rotationId, isTheft, seenSelectors },
    });
    const stopped = isTheft ? formerKeys.map(({ selector }) => selector) : [];
    const { revision } = await changeTargetState(tx, ctx, {
      server,
      summary: `New DKIM keys for ${domain.name}`,
      // A signature of a revoked key fails, and a message without one only lacks it.
      change: changeKeys(domain.name, (current) => [
        ...current.map((key) => (stopped.includes(key.selector) ? { ...key, isSigning: false } : key)),
        ...keys,
      ]),
    });
    progress = withServer(progress, serverId, { askedRevision: revision });
    selectors.push(...keys.map(({ selector }) => selector));
  }
  return { progress, selectors };
}
