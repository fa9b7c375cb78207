import { endingRole, nextRotationAt, type RotationStep } from "@mailstead/core/dkim";
import { dkimKeys, dkimRotations, domains, type RotationOutcome, type Transaction } from "@mailstead/db";
import { desc, eq, inArray } from "drizzle-orm";
import { recordAudit } from "../audit/index.ts";
import type { ServiceContext } from "../context/index.ts";
import type { Witness } from "../dns/index.ts";
import { setKeyFinding } from "./key-findings.ts";
import type { LoadedRotation } from "./load-rotation.ts";
import { withServer } from "./rotation-progress.ts";
import type { DkimKeyRow } from "./rotation-records.ts";
import { tell } from "./rotation-story.ts";
import { stepEvidence } from "./step-evidence.ts";

/** Brings a rotation to another step, with what that step means for its keys. Writes the story and the audit. */
export async function moveRotation(
  tx: Transaction,
  ctx: ServiceContext,
  {
    loaded,
    to,
    because,
    witness,
  }: { loaded: LoadedRotation; to: RotationStep; because: string; witness: Witness },
): Promise<void> {
  const { row } = loaded;
  const from = row.step;
  const evidence = stepEvidence(loaded, witness);
  if (to === "revoking")
    await changeKeyState(tx, endingKeys(loaded), {
      state: "revoked",
      shownSince: null,
      endedAt: ctx.now(),
    });
  if (to === "done") {
    await changeKeyState(tx, endingKeys(loaded), { state: "destroyed", privateKeyGoneAt: ctx.now() });
    await endRotation(tx, ctx, { loaded, outcome: outcomeOf(row.course) });
  }
  row.step = to;
  row.stepSince = ctx.now();
  await tell(tx, ctx, {
    rotation: row,
    kind: to === "done" ? "ended" : "step",
    sentence: because,
    evidence: { from, to, ...evidence },
  });
  await auditRotation(tx, ctx, {
    loaded,
    action: "advance-dkim-rotation",
    before: { step: from },
    after: { step: to, because, evidence },
  });
}

/**
 * Turns a rotation back: the old keys sign again, or, when no server was told to sign with a new one, the new ones end
 * without having signed. The caller knows that the way back is open.
 */
export async function turnBack(
  tx: Transaction,
  ctx: ServiceContext,
  { loaded, reason, witness = null }: { loaded: LoadedRotation; reason: string; witness?: Witness | null },
): Promise<void> {
  const { row } = loaded;
  const from = row.step;
  const evidence = stepEvidence(loaded, witness);
  const hasSigned = loaded.keys.some(({ madeBy, state }) => madeBy === row.id && state !== "waiting");
  row.course = hasSigned ? "back" : "cancelled";
  row.reason = reason;
  if (hasSigned)
    for (const { id } of loaded.servers)
      loaded.progress = withServer(loaded.progress, id, { switchRevision: null, test: null });
  else await releaseOldKeys(tx, loaded);
  row.step = hasSigned ? "switching" : "destroying";
  row.stepSince = ctx.now();
  await tell(tx, ctx, {
    rotation: row,
    kind: "back",
    sentence: reason,
    evidence: { from, to: row.step, ...evidence },
  });
  await auditRotation(tx, ctx, {
    loaded,
    action: hasSigned ? "go-back-dkim-rotation" : "cancel-dkim-rotation",
    before: { step: from },
    after: { step: row.step, reason, evidence },
  });
}

/** Ends a rotation's row; its keys are the caller's to see to. */
export async function endRotation(
  tx: Transaction,
  ctx: ServiceContext,
  { loaded, outcome }: { loaded: LoadedRotation; outcome: RotationOutcome },
): Promise<void> {
  const { row } = loaded;
  row.endedAt = ctx.now();
  row.outcome = outcome;
  if (outcome !== "finished" && outcome !== "superseded") await releaseOldKeys(tx, loaded);
  const { organisationId, tenantId, domainId } = row;
  const domain = { id: domainId, organisationId, tenantId };
  await setKeyFinding(tx, { domain, kind: "alarm", about: row.id }, { sentence: null, at: ctx.now() });
  await planNextRotation(tx, { domainId: row.domainId, since: await lastStart(tx, row) });
}

/** Another rotation may have begun while this one brought its old keys to their end. */
async function lastStart(
  tx: Transaction,
  { domainId, startedAt }: Pick<LoadedRotation["row"], "domainId" | "startedAt">,
): Promise<Date> {
  const [last] = await tx
    .select({ startedAt: dkimRotations.startedAt })
    .from(dkimRotations)
    .where(eq(dkimRotations.domainId, domainId))
    .orderBy(desc(dkimRotations.startedAt))
    .limit(1);
  return last?.startedAt ?? startedAt;
}

/** Writes down when the domain's keys are due again. */
export async function planNextRotation(
  tx: Transaction,
  { domainId, since }: { domainId: string; since: Date },
): Promise<void> {
  const [domain] = await tx
    .select({ intervalDays: domains.rotationIntervalDays })
    .from(domains)
    .where(eq(domains.id, domainId));
  const intervalDays = domain?.intervalDays ?? null;
  await tx
    .update(domains)
    .set({ nextRotationAt: nextRotationAt({ domainId, intervalDays, since }) })
    .where(eq(domains.id, domainId));
}

/** Keeps what was changed of a rotation's row in this transaction. */
export async function saveRotation(tx: Transaction, { row, progress }: LoadedRotation): Promise<void> {
  const { id, organisationId: _organisation, tenantId: _tenant, ...changed } = row;
  await tx
    .update(dkimRotations)
    .set({ ...changed, progress })
    .where(eq(dkimRotations.id, id));
}

/** An audit entry about a rotation, under its domain. */
export async function auditRotation(
  tx: Transaction,
  ctx: ServiceContext,
  {
    loaded,
    action,
    before,
    after,
  }: { loaded: LoadedRotation; action: string; before?: unknown; after?: unknown },
): Promise<void> {
  const { organisationId, tenantId, domainId } = loaded.row;
  await recordAudit(tx, ctx, {
    organisationId,
    tenantId,
    action,
    subject: { kind: "domain", id: domainId, name: loaded.domainName },
    before,
    after,
  });
}

function outcomeOf(course: LoadedRotation["row"]["course"]): RotationOutcome {
  const outcomes = { forward: "finished", back: "went-back", cancelled: "cancelled" } as const;
  return outcomes[course];
}

function endingKeys({ row, keys }: LoadedRotation): typeof keys {
  const role = endingRole(row);
  return keys.filter(
    ({ madeBy, state }) => state !== "destroyed" && (role === "incoming") === (madeBy === row.id),
  );
}

async function changeKeyState(
  tx: Transaction,
  keys: LoadedRotation["keys"],
  changed: Partial<Pick<DkimKeyRow, "state" | "shownSince" | "privateKeyGoneAt" | "endedAt">>,
): Promise<void> {
  if (keys.length === 0) return;
  for (const key of keys) Object.assign(key, changed);
  const ids = keys.map(({ id }) => id);
  await tx.update(dkimKeys).set(changed).where(inArray(dkimKeys.id, ids));
}

/** Keys that go on signing after all are nobody's to replace. */
async function releaseOldKeys(tx: Transaction, loaded: LoadedRotation): Promise<void> {
  await tx.update(dkimKeys).set({ replacedBy: null }).where(eq(dkimKeys.replacedBy, loaded.row.id));
}
