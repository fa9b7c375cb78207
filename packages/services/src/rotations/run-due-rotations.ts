import { dkimRotations, domains } from "@mailstead/db";
import { and, asc, eq, isNotNull, isNull, lte, ne, or, sql } from "drizzle-orm";
import { recordAudit } from "../audit/index.ts";
import {
  type Database,
  type Installation,
  type ServiceContext,
  ServiceError,
  type SystemContext,
  seeToEach,
  withSystemTransaction,
  withTransaction,
} from "../context/index.ts";
import { resolverFromText, witnessNames } from "../dns/index.ts";
import { getDomainForChange } from "../mailboxes/index.ts";
import { setKeyFinding } from "./key-findings.ts";
import { planNextRotation } from "./move-rotation.ts";
import { startRotation } from "./start-rotation.ts";
import { type RotationWorld, tickRotation } from "./tick-rotation.ts";

const rotationsPerRun = 100;
const startsPerRun = 20;
/** A tick mostly waits for name servers of others. */
const ticksAtOnceMax = 10;
const tryStartAgainMs = 86_400_000;

export interface RotationRun {
  started: { domainId: string; rotationId: string }[];
  /** Domains whose turn it was and whose keys cannot be rotated now, with the reason. */
  postponed: { domainId: string; sentence: string }[];
  /** Rotations that were looked after, with the servers they concern. */
  ticked: { rotationId: string; serverIds: string[] }[];
  failed: { id: string; cause: unknown }[];
}

/**
 * Begins the rotations whose time has come and brings every open one as far as it can come now. The system finds them;
 * each is seen to in the context of its own organisation, through `app`.
 */
export async function runDueRotations(
  ctx: SystemContext,
  {
    app,
    installation,
    publisher,
    witness = (names) => witnessNames(names, resolverFromText(installation.dnsResolver)),
  }: { app: Database; installation: Installation } & Pick<RotationWorld, "publisher"> &
    Partial<RotationWorld>,
): Promise<RotationRun> {
  const run: RotationRun = { started: [], postponed: [], ticked: [], failed: [] };
  await seeToEach(
    ctx,
    { rows: await findDueDomains(ctx), app, installation },
    async (own, { id, isPlanned }) => {
      await startOne(own, { domainId: id, isPlanned, run });
      return undefined;
    },
  );
  const rows = await findDueRotations(ctx);
  const failed = await seeToEach(
    ctx,
    { rows, app, installation, atOnceMax: ticksAtOnceMax },
    async (context, { id: rotationId }) => {
      const ticked = await tickRotation(context, { rotationId, publisher, witness });
      if (ticked !== null) run.ticked.push({ rotationId, ...ticked });
      return undefined;
    },
  );
  run.failed.push(...failed.map(({ row: { id }, cause }) => ({ id, cause })));
  return run;
}

async function startOne(
  ctx: ServiceContext,
  { domainId, isPlanned, run }: { domainId: string; isPlanned: boolean; run: RotationRun },
): Promise<void> {
  try {
    if (!isPlanned) {
      await withTransaction(ctx, async (tx) => {
        await getDomainForChange(tx, domainId);
        await planNextRotation(tx, { domainId, since: ctx.now() });
      });
      return;
    }
    run.started.push({ domainId, ...(await startRotation(ctx, { domainId, kind: "scheduled" })) });
  } catch (cause) {
    if (!(cause instanceof ServiceError)) {
      run.failed.push({ id: domainId, cause });
      return;
    }
    if (cause.kind === "not-found") return;
    run.postponed.push({ domainId, sentence: cause.message });
    await postpone(ctx, { domainId, why: cause.message });
  }
}

/** A person is told when the keys of a domain stay as they are, and again when they no longer do. */
async function postpone(
  ctx: ServiceContext,
  { domainId, why }: { domainId: string; why: string },
): Promise<void> {
  const at = ctx.now();
  await withTransaction(ctx, async (tx) => {
    const domain = await getDomainForChange(tx, domainId);
    const nextRotationAt = new Date(at.getTime() + tryStartAgainMs);
    await tx.update(domains).set({ nextRotationAt }).where(eq(domains.id, domainId));
    const sentence = `The DKIM keys of ${domain.name} could not be replaced when it was their turn: ${why}`;
    const isNew = await setKeyFinding(tx, { domain, kind: "not-replaced" }, { sentence, at });
    if (!isNew) return;
    await recordAudit(tx, ctx, {
      organisationId: domain.organisationId,
      tenantId: domain.tenantId,
      action: "postpone-dkim-rotation",
      subject: { kind: "domain", id: domainId, name: domain.name },
      after: { because: why },
    });
  });
}

function findDueDomains(
  ctx: SystemContext,
): Promise<{ id: string; organisationId: string; isPlanned: boolean }[]> {
  return withSystemTransaction(ctx, (tx) =>
    tx
      .select({
        id: domains.id,
        organisationId: domains.organisationId,
        isPlanned: sql<boolean>`${domains.nextRotationAt} is not null`,
      })
      .from(domains)
      .where(
        and(
          isNotNull(domains.rotationIntervalDays),
          // It has no keys, and keeps its schedule for when it has some again.
          eq(domains.isWithoutMail, false),
          or(isNull(domains.nextRotationAt), lte(domains.nextRotationAt, ctx.now())),
        ),
      )
      .orderBy(asc(domains.nextRotationAt))
      .limit(startsPerRun),
  );
}

function findDueRotations(ctx: SystemContext): Promise<{ id: string; organisationId: string }[]> {
  const now = ctx.now();
  return withSystemTransaction(ctx, (tx) =>
    tx
      .select({ id: dkimRotations.id, organisationId: dkimRotations.organisationId })
      .from(dkimRotations)
      .where(
        and(
          ne(dkimRotations.step, "done"),
          lte(dkimRotations.lookAgainAt, now),
          or(isNull(dkimRotations.leasedUntil), lte(dkimRotations.leasedUntil, now)),
        ),
      )
      .orderBy(asc(dkimRotations.lookAgainAt))
      .limit(rotationsPerRun),
  );
}
