import {
  badStates,
  endedRolloutStates,
  forgiveSums,
  type RolloutState,
  type RolloutSteer,
  steerableStates,
} from "@mailstead/core/rollouts";
import { jobs, type RolloutEventKind, rolloutMembers, rollouts, type Transaction } from "@mailstead/db";
import { and, count, eq, inArray, isNull } from "drizzle-orm";
import { z } from "zod";
import { recordAudit } from "../audit/index.ts";
import {
  parseInput,
  requireRole,
  type ServiceContext,
  ServiceError,
  withTransaction,
} from "../context/index.ts";
import { advanceJobs } from "../jobs/index.ts";
import { catchUpFrom } from "./catch-up-from.ts";
import { lineOfText } from "./line-of-text.ts";
import { closeRolloutFindings } from "./rollout-finding.ts";
import { tellRollout } from "./tell-rollout.ts";

type RolloutRow = typeof rollouts.$inferSelect;

const rolloutInput = z.object({ rolloutId: z.uuid() });
const haltInput = rolloutInput.extend({ reason: lineOfText("a reason", 300).optional() });

/**
 * Halts a rollout: no other server begins, orders that have not left are taken back, and what a server is in the middle of is
 * brought to its end. Throws `conflict` when it is not running.
 */
export function haltRollout(ctx: ServiceContext, input: z.input<typeof haltInput>): Promise<void> {
  const { rolloutId, reason } = parseInput(haltInput, input);
  const because = `${ctx.actor.name} halted it${reason === undefined ? "." : `: ${reason}`}`;
  return steer(ctx, rolloutId, async (tx, rollout) => {
    requireState(rollout, "halt", "halted");
    await takeBackOrders(tx, ctx, rolloutId);
    return { kind: "halted", to: "halted", sentence: because, change: { haltedBecause: because } };
  });
}

/** Goes on after a halt; what has gone wrong so far, and what all servers together came to, is not held against it again. Throws `conflict` when it is not halted. */
export function resumeRollout(ctx: ServiceContext, input: z.input<typeof rolloutInput>): Promise<void> {
  const { rolloutId } = parseInput(rolloutInput, input);
  return steer(ctx, rolloutId, async (tx, rollout) => {
    requireState(rollout, "resume", "resumed");
    const [bad] = await tx
      .select({ count: count() })
      .from(rolloutMembers)
      .where(and(eq(rolloutMembers.rolloutId, rolloutId), inArray(rolloutMembers.state, [...badStates])));
    const forgivenBad = bad?.count ?? 0;
    return {
      kind: "resumed",
      to: "running",
      sentence: forgivenBad === 0 ? "It goes on." : `It goes on, with ${forgivenBad} that went wrong.`,
      change: {
        haltedBecause: null,
        catchUpUntil: catchUpFrom(rollout, ctx.now()),
        forgivenBad,
        sums: null,
        forgivenSums: forgiveSums(rollout.sums, rollout.forgivenSums ?? {}),
      },
    };
  });
}

/** Brings what runs to its end, and ends the rollout then. Throws `conflict` when it is over, or ends already. */
export function stopRollout(ctx: ServiceContext, input: z.input<typeof rolloutInput>): Promise<void> {
  const { rolloutId } = parseInput(rolloutInput, input);
  return steer(ctx, rolloutId, async (tx, rollout) => {
    requireState(rollout, "stop", "stopped");
    await takeBackOrders(tx, ctx, rolloutId);
    return {
      kind: "stopping",
      to: "stopping",
      sentence: "What runs is brought to its end, and then it is over.",
      change: { haltedBecause: null },
    };
  });
}

/**
 * Has every server that was changed get back what it had, a few at a time. Those from which no way leads back stay as they are,
 * and those that are away are waited for as long as the rollout waits for anybody.
 * A rollout that is over can be rolled back too, while its members can.
 */
export function rollBackRollout(ctx: ServiceContext, input: z.input<typeof rolloutInput>): Promise<void> {
  const { rolloutId } = parseInput(rolloutInput, input);
  return steer(ctx, rolloutId, async (tx, rollout) => {
    requireState(rollout, "roll-back", "rolled back");
    await takeBackOrders(tx, ctx, rolloutId);
    return {
      kind: "rolling-back",
      to: "rolling-back",
      sentence: "What was changed goes back.",
      change: {
        haltedBecause: null,
        endedAt: null,
        catchUpUntil: catchUpFrom(rollout, ctx.now()),
      },
    };
  });
}

const approveInput = rolloutInput.extend({ wave: z.int().positive() });

/** Says yes to a wave, and to no other: whoever pressed saw this one. Throws `conflict` when it does not wait for that. */
export function approveWave(ctx: ServiceContext, input: z.input<typeof approveInput>): Promise<void> {
  const { rolloutId, wave } = parseInput(approveInput, input);
  return steer(ctx, rolloutId, async (_tx, rollout) => {
    if (rollout.state !== "running" || !rollout.asksApproval || rollout.wave + 1 !== wave)
      throw new ServiceError("conflict", `Wave ${wave} does not wait for approval. Load the page again.`);
    return {
      kind: "approved",
      to: rollout.state,
      sentence: `Wave ${wave} is approved.`,
      change: { approvedWave: wave, asksApproval: false },
    };
  });
}

interface Steering {
  readonly kind: RolloutEventKind;
  readonly to: RolloutState;
  readonly sentence: string;
  readonly change: Partial<RolloutRow>;
}

function steer(
  ctx: ServiceContext,
  rolloutId: string,
  decide: (tx: Transaction, rollout: RolloutRow) => Promise<Steering>,
): Promise<void> {
  requireRole(ctx, "technician");
  return withTransaction(ctx, async (tx) => {
    const [rollout] = await tx.select().from(rollouts).where(eq(rollouts.id, rolloutId)).for("update");
    if (rollout === undefined) throw new ServiceError("not-found", "There is no such rollout.");
    const { kind, to, sentence, change } = await decide(tx, rollout);
    await tx
      .update(rollouts)
      .set({ state: to, lookAt: ctx.now(), ...change })
      .where(eq(rollouts.id, rolloutId));
    await tellRollout(tx, ctx, { rolloutId, kind, sentence });
    await closeRolloutFindings(tx, ctx, rolloutId);
    await recordAudit(tx, ctx, {
      organisationId: rollout.organisationId,
      tenantId: rollout.tenantId,
      action: actions[kind] ?? "change-rollout",
      subject: { kind: "rollout", id: rolloutId, name: rollout.title },
      before: { state: rollout.state },
      after: { state: to, because: sentence },
    });
  });
}

const actions: Partial<Record<RolloutEventKind, string>> = {
  halted: "halt-rollout",
  resumed: "resume-rollout",
  stopping: "stop-rollout",
  "rolling-back": "roll-back-rollout",
  approved: "approve-rollout-wave",
};

function requireState({ state }: RolloutRow, steer: RolloutSteer, done: string): void {
  if (steerableStates[steer].includes(state)) return;
  const is = endedRolloutStates.includes(state) ? "It is over" : `It is ${state.replace("-", " ")}`;
  throw new ServiceError("conflict", `${is}, so it cannot be ${done}. Load the page again.`);
}

/** Orders that never left are taken back, and their servers wait again as if it had not been their turn. */
async function takeBackOrders(tx: Transaction, ctx: ServiceContext, rolloutId: string): Promise<void> {
  const now = ctx.now();
  const rows = await tx
    .select({ id: jobs.id, state: jobs.state, serverId: jobs.serverId })
    .from(rolloutMembers)
    .innerJoin(jobs, eq(jobs.id, rolloutMembers.jobId))
    .where(
      and(
        eq(rolloutMembers.rolloutId, rolloutId),
        inArray(rolloutMembers.state, ["checking", "applying"]),
        eq(jobs.state, "queued"),
        isNull(jobs.dispatchedAt),
      ),
    )
    .orderBy(jobs.id)
    .for("update", { of: jobs });
  if (rows.length === 0) return;
  await advanceJobs(
    tx,
    rows.map((job) => ({
      job,
      change: {
        event: { kind: "cancelled-by-person" },
        cancelRequestedAt: now,
        endedAt: now,
        outcome: { kind: "cancelled" },
      },
    })),
  );
  await tx
    .update(rolloutMembers)
    .set({ state: "waiting", stateSince: now, awaits: null, jobId: null, deadlineAt: null, attempts: 0 })
    .where(
      and(
        eq(rolloutMembers.rolloutId, rolloutId),
        inArray(
          rolloutMembers.serverId,
          rows.map(({ serverId }) => serverId),
        ),
      ),
    );
}
