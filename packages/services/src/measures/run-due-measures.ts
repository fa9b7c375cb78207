import { backOff, reviewMeasure } from "@mailstead/core/measures";
import { measures, type Transaction } from "@mailstead/db";
import { and, asc, eq, isNull, lte } from "drizzle-orm";
import { recordAudit } from "../audit/index.ts";
import {
  type Database,
  type Installation,
  type ServiceContext,
  type SystemContext,
  seeToEach,
  withSystemTransaction,
  withTransaction,
} from "../context/index.ts";
import { getServerForChange, type ServerForChange } from "../servers/index.ts";
import { endOn } from "./end-measure.ts";
import { keepMeasureFindings } from "./keep-findings.ts";
import { readSigns } from "./read-signs.ts";
import { tellHost } from "./tell-host.ts";

const atOnceMax = 200;

/** Looks after every measure that is due: takes the next step of a back-off, prolongs what still needs it, ends the others. */
export async function runDueMeasures(
  ctx: SystemContext,
  { app, installation }: { app: Database; installation: Installation },
): Promise<{ seen: number; failed: { measureId: string; cause: unknown }[] }> {
  const rows = await withSystemTransaction(ctx, (tx) =>
    tx
      .select({ id: measures.id, serverId: measures.serverId, organisationId: measures.organisationId })
      .from(measures)
      .where(and(isNull(measures.endedAt), lte(measures.lookAt, ctx.now())))
      .orderBy(asc(measures.lookAt))
      .limit(atOnceMax),
  );
  const failed = await seeToEach(ctx, { rows, app, installation }, async (own, row) => {
    await withTransaction(own, async (tx) => {
      const server = await getServerForChange(tx, row.serverId);
      await reviewOne(tx, own, { server, measureId: row.id });
    });
    return undefined;
  });
  return { seen: rows.length, failed: failed.map(({ row, cause }) => ({ measureId: row.id, cause })) };
}

type MeasureRow = typeof measures.$inferSelect;

async function reviewOne(
  tx: Transaction,
  ctx: ServiceContext,
  { server, measureId }: { server: ServerForChange; measureId: string },
): Promise<void> {
  const now = ctx.now();
  const [measure] = await tx
    .select()
    .from(measures)
    .where(and(eq(measures.id, measureId), isNull(measures.endedAt), lte(measures.lookAt, now)));
  // Somebody ended it, or another worker was here, since it was found.
  if (measure === undefined) return;
  const { provider, steppedAt } = measure;
  const signs = await readSigns(tx, { serverId: server.id, provider, since: steppedAt }, now);
  const review = reviewMeasure(measure, signs, now);
  if (review.kind === "end") {
    await endOn(tx, ctx, { server, measureId, because: review.because });
    return;
  }
  if (review.kind === "wait") {
    await change(tx, measureId, { lookAt: review.until });
    return;
  }
  const audit = (after: object) => tell(tx, ctx, { server, measure, after: { ...after, signs } });
  if (review.kind === "prolong") {
    await change(tx, measureId, { endsAt: review.endsAt, isProlonged: true, lookAt: soon(now) });
    await audit({ prolongedUntil: review.endsAt });
    await keepMeasureFindings(tx, ctx, server);
    return;
  }
  await change(tx, measureId, { limits: review.limits, steppedAt: now, lookAt: soon(now) });
  await tellHost(tx, ctx, { server, summary: `Measure changed: ${measure.kind} for ${provider}` });
  await audit({ limits: review.limits, because: review.because });
}

function soon(now: Date): Date {
  return new Date(now.getTime() + backOff.lookMs);
}

async function change(
  tx: Transaction,
  measureId: string,
  values: Partial<Pick<MeasureRow, "limits" | "steppedAt" | "lookAt" | "endsAt" | "isProlonged">>,
): Promise<void> {
  await tx.update(measures).set(values).where(eq(measures.id, measureId));
}

async function tell(
  tx: Transaction,
  ctx: ServiceContext,
  { server, measure, after }: { server: ServerForChange; measure: MeasureRow; after: object },
): Promise<void> {
  await recordAudit(tx, ctx, {
    organisationId: server.organisationId,
    tenantId: server.tenantId,
    action: "change-measure",
    subject: { kind: "server", id: server.id, name: server.name },
    before: {
      kind: measure.kind,
      provider: measure.provider,
      limits: measure.limits,
      endsAt: measure.endsAt,
    },
    after,
  });
}
