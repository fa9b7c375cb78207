import {
  beginMember,
  decideRollout,
  endedRolloutStates,
  type MemberState,
  type RolloutDecision,
  type RolloutState,
} from "@mailstead/core/rollouts";
import { rolloutMembers, rollouts, type Transaction } from "@mailstead/db";
import { and, eq, inArray, isNull, lte, sql } from "drizzle-orm";
import { recordAudit } from "../audit/index.ts";
import { type ServiceContext, withTransaction } from "../context/index.ts";
import { askMembers } from "./ask-members.ts";
import { asked } from "./asked.ts";
import { catchUpFrom } from "./catch-up-from.ts";
import { counted } from "./counted.ts";
import { leaveOut } from "./leave-out.ts";
import { lookAtSums } from "./look-at-sums.ts";
import { markProven } from "./mark-proven.ts";
import { moveMembers } from "./move-members.ts";
import { readTurn, type Turn } from "./read-turn.ts";
import { setRolloutFinding } from "./rollout-finding.ts";
import { tellRollout } from "./tell-rollout.ts";

type RolloutRow = typeof rollouts.$inferSelect;

const soonMs = 500;
const quietMs = 30_000;
/** Decisions that lead to another at once; what is left is for the next look. */
const turnsMax = 5;

/**
 * Looks at a rollout once: takes in what hosts answered, decides, and asks of hosts what follows, all in one transaction, so
 * that a worker that dies leaves it as it was. Does nothing where another worker has it in hand, or it is not due. Says whether
 * anything is now otherwise for who watches.
 */
export function tickRollout(ctx: ServiceContext, rolloutId: string): Promise<{ hasChanged: boolean }> {
  return withTransaction(ctx, async (tx) => {
    const now = ctx.now();
    const [found] = await tx
      .select()
      .from(rollouts)
      .where(and(eq(rollouts.id, rolloutId), isNull(rollouts.endedAt), lte(rollouts.lookAt, now)))
      .for("update", { skipLocked: true });
    if (found === undefined) return { hasChanged: false };
    await takeTurn(tx, ctx);
    const rollout = { ...found };
    const { moved, isCanaryProven } = await moveMembers(tx, ctx, rollout);
    if (isCanaryProven && rollout.wave > 0) await markProven(tx, rolloutId);
    let turn = await readTurn(tx, ctx, rollout);
    rollout.sums = await lookAtSums(tx, rollout, { now, isWantedNow: false });
    for (let turns = 0; turns < turnsMax; turns += 1) {
      let decision = decideRollout(rollout, turn.waves, now);
      if (decision.kind === "next-wave" || decision.kind === "end") {
        rollout.sums = await lookAtSums(tx, rollout, { now, isWantedNow: true });
        decision = decideRollout(rollout, turn.waves, now);
      }
      if (!(await carryOut(tx, ctx, { rollout, decision, turn }))) break;
      turn = await readTurn(tx, ctx, rollout);
    }
    const toldWaits = await tellWaits(tx, { rolloutId, turn });
    const isMoving = turn.starts.serverIds.length > 0 || turn.waves.some(hasMoving);
    const hasChanged =
      moved > 0 ||
      toldWaits > 0 ||
      turn.starts.serverIds.length > 0 ||
      JSON.stringify(rollout) !== JSON.stringify(found);
    rollout.lookAt = new Date(now.getTime() + (isMoving ? soonMs : quietMs));
    await tx.update(rollouts).set(rollout).where(eq(rollouts.id, rolloutId));
    return { hasChanged };
  });
}

/** Two workers that look at two rollouts of one organisation at once would each not see whose stand-ins the other begins with. */
function takeTurn(tx: Transaction, { organisationId }: ServiceContext): Promise<unknown> {
  return tx.execute(
    sql`select pg_advisory_xact_lock(hashtextextended(${`rollouts of ${organisationId}`}, 0))`,
  );
}

function hasMoving({ counts }: Turn["waves"][number]): boolean {
  return (["checking", "applying", "verifying", "baking", "rechecking", "restoring"] as const).some(
    (state) => (counts[state] ?? 0) > 0,
  );
}

interface Deciding {
  /** Changed in place, and saved by the caller. */
  readonly rollout: RolloutRow;
  readonly decision: RolloutDecision;
  readonly turn: Turn;
}

/** Does what was decided; says whether something else is to be decided at once. */
async function carryOut(
  tx: Transaction,
  ctx: ServiceContext,
  { rollout, decision, turn }: Deciding,
): Promise<boolean> {
  const { id: rolloutId } = rollout;
  const wasAsking = rollout.asksApproval;
  rollout.asksApproval = decision.kind === "ask-approval";
  rollout.waitsBecause = decision.kind === "wait" ? decision.because : null;
  switch (decision.kind) {
    case "wait":
      return false;
    case "go-on":
      await start(tx, ctx, { rollout, serverIds: turn.starts.serverIds });
      return false;
    case "next-wave":
      rollout.wave = decision.wave;
      // Who was away in an earlier wave is waited for meanwhile too.
      rollout.catchUpUntil = catchUpFrom(rollout, ctx.now());
      await markProven(tx, rolloutId);
      await tellWave(tx, ctx, { rollout, turn });
      return true;
    case "ask-approval":
      rollout.waitsBecause = `Wave ${decision.wave} starts when somebody approves it.`;
      if (!wasAsking) {
        const sentence = `Wave ${decision.wave} waits for approval.`;
        await tellRollout(tx, ctx, { rolloutId, kind: "asked-approval", sentence });
        await setRolloutFinding(tx, ctx, {
          rolloutId,
          kind: "approval",
          sentence: `The rollout “${rollout.title}”: ${sentence}`,
        });
      }
      return false;
    case "halt":
      await move(tx, ctx, { rollout, to: "halted", sentence: decision.because });
      rollout.haltedBecause = decision.because;
      await setRolloutFinding(tx, ctx, {
        rolloutId,
        kind: "halted",
        sentence: `The rollout “${rollout.title}” is halted: ${decision.because}`,
      });
      return false;
    case "leave-out": {
      const left = await leaveOut(tx, ctx, { rolloutId, because: decision.because });
      await tellRollout(tx, ctx, {
        rolloutId,
        kind: "left-out",
        sentence: `${counted(left, "server")}: ${decision.because}`,
      });
      return true;
    }
    case "end":
      if (decision.as !== "finished")
        await leaveOut(tx, ctx, { rolloutId, because: "The rollout was ended before its turn." });
      await move(tx, ctx, { rollout, to: decision.as, sentence: endSentence(turn) });
      return false;
  }
}

async function start(
  tx: Transaction,
  ctx: ServiceContext,
  { rollout, serverIds }: { rollout: RolloutRow; serverIds: readonly string[] },
): Promise<void> {
  const now = ctx.now();
  const { state, ask } =
    rollout.state === "rolling-back"
      ? ({ state: "restoring", ask: "restore" } as const)
      : beginMember(rollout.settings);
  const rows = await tx
    .select()
    .from(rolloutMembers)
    .where(and(eq(rolloutMembers.rolloutId, rollout.id), inArray(rolloutMembers.serverId, [...serverIds])));
  await askMembers(tx, ctx, {
    rollout,
    members: rows.map((member) => ({
      ...member,
      ...asked(ask, { kind: rollout.kind, at: now }),
      state,
      stateSince: now,
      waitsBecause: null,
      problem: rollout.state === "rolling-back" ? member.problem : null,
      probes: [],
    })),
  });
}

async function move(
  tx: Transaction,
  ctx: ServiceContext,
  { rollout, to, sentence }: { rollout: RolloutRow; to: RolloutState; sentence: string },
): Promise<void> {
  const before = rollout.state;
  rollout.state = to;
  const isOver = endedRolloutStates.includes(to);
  if (isOver) rollout.endedAt = ctx.now();
  const { id: rolloutId, organisationId, tenantId, title } = rollout;
  await tellRollout(tx, ctx, { rolloutId, kind: isOver ? "ended" : "halted", sentence });
  await recordAudit(tx, ctx, {
    organisationId,
    tenantId,
    action: isOver ? "end-rollout" : "halt-rollout",
    subject: { kind: "rollout", id: rolloutId, name: title },
    before: { state: before },
    after: { state: to, because: sentence },
  });
}

/** A small fleet fills few of its waves; of the others there is nothing to tell. */
async function tellWave(
  tx: Transaction,
  ctx: ServiceContext,
  { rollout: { id: rolloutId, wave, settings }, turn }: { rollout: RolloutRow; turn: Turn },
): Promise<void> {
  const own = turn.waves.find((one) => one.wave === wave);
  // Those that were left out beforehand are put into the last wave, and are none of it.
  const servers = Object.entries(own?.counts ?? {}).reduce(
    (sum, [state, count]) => (state === "left-out" ? sum : sum + count),
    0,
  );
  if (servers === 0) return;
  const sentence = `Wave ${wave} of ${settings.waves.length} begins, with ${counted(servers, "server")}.`;
  await tellRollout(tx, ctx, { rolloutId, kind: "wave", sentence });
}

function endSentence({ waves }: Turn): string {
  const of = (...states: readonly MemberState[]) =>
    waves.reduce((sum, { counts }) => sum + states.reduce((own, state) => own + (counts[state] ?? 0), 0), 0);
  const parts = [
    [of("succeeded"), "updated"],
    [of("restored"), "put back"],
    [of("failed"), "failed"],
    [of("unknown"), "unknown"],
    [of("waiting", "left-out"), "left as they were"],
  ] as const;
  const said = parts.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
  return `It is over: ${said.join(", ")}.`;
}

/** Keeps why members cannot start, where that has changed; gives of how many. */
async function tellWaits(
  tx: Transaction,
  { rolloutId, turn: { newReasons } }: { rolloutId: string; turn: Turn },
): Promise<number> {
  if (newReasons.length === 0) return 0;
  const { rowCount } =
    await tx.execute(sql`update ${rolloutMembers} as member set waits_because = told.because
    from jsonb_to_recordset(${JSON.stringify(newReasons)}::jsonb) as told (id uuid, because text)
    where member.rollout_id = ${rolloutId} and member.server_id = told.id
      and member.waits_because is distinct from told.because`);
  return rowCount ?? 0;
}
