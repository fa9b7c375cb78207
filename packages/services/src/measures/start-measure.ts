import type { ProviderId } from "@mailstead/core/delivery";
import {
  backOff,
  measureHours,
  measureHoursMax,
  measureServersMax,
  providerIdSchema,
  type RouteLimits,
  routeLimitsSchema,
  type StartableKind,
  startingLimits,
} from "@mailstead/core/measures";
import { standbyRelay } from "@mailstead/core/servers";
import { measures, newId, type Transaction } from "@mailstead/db";
import { and, eq, isNull } from "drizzle-orm";
import { z } from "zod";
import { recordAudit } from "../audit/index.ts";
import {
  parseInput,
  requireRole,
  type ServiceContext,
  ServiceError,
  withTransaction,
} from "../context/index.ts";
import { getServerForChange, readTargetState, type ServerForChange } from "../servers/index.ts";
import { keepMeasureFindings } from "./keep-findings.ts";
import { tellHost } from "./tell-host.ts";

const hourMs = 3_600_000;
const reasonLengthMax = 200;

const startMeasureInput = z.object({
  serverIds: z
    .array(z.uuid())
    .min(1, "name a server")
    .max(measureServersMax, `a measure is started on ${measureServersMax} servers at most`),
  kind: z.enum(Object.keys(measureHours) as [StartableKind, ...StartableKind[]]),
  provider: providerIdSchema,
  reason: z
    .string()
    .trim()
    .min(1, "a measure needs a reason")
    .max(reasonLengthMax, `a reason has at most ${reasonLengthMax} characters`)
    .regex(/^[^\p{Cc}\p{Cs}\u2028\u2029]*$/u, "a reason is one line of text"),
  hours: z
    .int()
    .min(1)
    .max(measureHoursMax, `a measure holds for ${measureHoursMax} hours at most`)
    .optional(),
  /** How much a throttle lets through; the others set this themselves. */
  limits: routeLimitsSchema.optional(),
});

export interface StartedMeasure {
  serverId: string;
  measureId: string;
  /** The converge that brings it to the host; null before the server is installed, and where it was in force already. */
  jobId: string | null;
}

/**
 * Starts a measure about a provider on one or more servers; where the same is in force already it stays as it is. It ends
 * by itself. Throws `precondition-failed` for a relay on a server that has no standby smarthost, and then starts none.
 */
export async function startMeasure(
  ctx: ServiceContext,
  input: z.input<typeof startMeasureInput>,
): Promise<{ started: StartedMeasure[] }> {
  requireRole(ctx, "technician");
  const { serverIds, kind, provider, reason, hours, limits } = parseInput(startMeasureInput, input);
  if (limits !== undefined && kind !== "throttle")
    throw new ServiceError("invalid", `A ${kind} sets by itself how much it lets through.`, {
      field: "limits",
    });
  return withTransaction(ctx, async (tx) => {
    const started: StartedMeasure[] = [];
    // Locked in one order, so that two people who start measures at once do not wait for each other.
    for (const serverId of [...new Set(serverIds)].sort()) {
      const server = await getServerForChange(tx, serverId);
      started.push(
        await startOn(tx, ctx, {
          server,
          kind,
          provider,
          reason,
          limits: limits ?? startingLimits(kind),
          hours: hours ?? measureHours[kind],
          isAutomatic: false,
        }),
      );
    }
    return { started };
  });
}

export interface WantedMeasure {
  server: ServerForChange;
  kind: StartableKind;
  provider: ProviderId;
  reason: string;
  limits: RouteLimits | null;
  hours: number;
  isAutomatic: boolean;
}

/** Starts a measure on a locked server, in the caller's transaction. */
export async function startOn(
  tx: Transaction,
  ctx: ServiceContext,
  wanted: WantedMeasure,
): Promise<StartedMeasure> {
  const { server, kind, provider, reason, limits, hours, isAutomatic } = wanted;
  const [same] = await tx
    .select({ id: measures.id })
    .from(measures)
    .where(
      and(
        eq(measures.serverId, server.id),
        eq(measures.provider, provider),
        eq(measures.kind, kind),
        isNull(measures.endedAt),
      ),
    );
  if (same !== undefined) return { serverId: server.id, measureId: same.id, jobId: null };
  if (kind === "relay") await requireStandby(tx, server);
  const now = ctx.now();
  const id = newId(now);
  const endsAt = new Date(now.getTime() + hours * hourMs);
  await tx.insert(measures).values({
    id,
    organisationId: server.organisationId,
    tenantId: server.tenantId,
    serverId: server.id,
    kind,
    provider,
    limits,
    reason,
    startedBy: ctx.actor.name,
    isAutomatic,
    startedAt: now,
    steppedAt: now,
    endsAt,
    lookAt: kind === "back-off" ? new Date(now.getTime() + backOff.holdMs) : lookBefore(endsAt, now),
  });
  const { jobId } = await tellHost(tx, ctx, { server, summary: `Measure started: ${kind} for ${provider}` });
  await recordAudit(tx, ctx, {
    organisationId: server.organisationId,
    tenantId: server.tenantId,
    action: "start-measure",
    subject: { kind: "server", id: server.id, name: server.name },
    after: { kind, provider, reason, limits, endsAt, isAutomatic },
  });
  await keepMeasureFindings(tx, ctx, server);
  return { serverId: server.id, measureId: id, jobId };
}

function lookBefore(endsAt: Date, now: Date): Date {
  return new Date(Math.max(endsAt.getTime() - hourMs, now.getTime()));
}

async function requireStandby(tx: Transaction, server: ServerForChange): Promise<void> {
  const { state } = await readTargetState(tx, server);
  if (state.destinationRelays.some(({ to }) => to === standbyRelay)) return;
  throw new ServiceError(
    "precondition-failed",
    `${server.name} has no standby smarthost to relay through; set one in its settings under Smarthosts first.`,
  );
}
