import type { AgentRelease } from "@mailstead/core/agent-updates";
import {
  changedStates,
  type MemberMove,
  type MemberState,
  moveMember,
  type RolloutChoice,
  type RolloutKind,
  type RolloutSettings,
  type RolloutState,
  waveAt,
} from "@mailstead/core/rollouts";
import { jobs, rolloutMembers, servers, type Transaction } from "@mailstead/db";
import { and, eq, getTableColumns, inArray, isNotNull, isNull, lte, ne, or, sql } from "drizzle-orm";
import type { ServiceContext } from "../context/index.ts";
import { askMembers } from "./ask-members.ts";
import { asked } from "./asked.ts";
import { sinceForMs } from "./look-at-sums.ts";
import { type ReadAnswer, readAnswer } from "./read-answer.ts";
import { readUsualHours, usualAtThisTime } from "./read-usual-hours.ts";
import { type MemberRow, saveMembers } from "./save-members.ts";

interface MovedRollout {
  readonly id: string;
  readonly kind: RolloutKind;
  readonly choice: RolloutChoice;
  readonly agentRelease: AgentRelease | null;
  readonly state: RolloutState;
  readonly settings: RolloutSettings;
}

const movingStates = [
  "checking",
  "applying",
  "verifying",
  "baking",
  "rechecking",
  "restoring",
  "unknown",
] as const;

/**
 * Takes in what became of the jobs that members wait for, and brings each as far as that goes. Says how many that were, and
 * whether a canary was proven.
 */
export async function moveMembers(
  tx: Transaction,
  ctx: ServiceContext,
  rollout: MovedRollout,
): Promise<{ moved: number; isCanaryProven: boolean }> {
  const now = ctx.now();
  const moved: MemberRow[] = [];
  const due = await readDue(tx, rollout, now);
  const usual = await readUsualHours(tx, {
    serverIds: due.flatMap(({ member, job }) =>
      member.awaits === "check" && job?.outcome?.kind === "succeeded" ? member.serverId : [],
    ),
    now,
  });
  for (const { member, job, agentVersion } of due) {
    if (member.awaits !== null && member.jobId === null && member.notBefore !== null) {
      moved.push({ ...member, notBefore: null });
      continue;
    }
    const read: ReadAnswer | null =
      job === null
        ? null
        : readAnswer(member, {
            kind: rollout.kind,
            job: { ...job, agentVersion },
            usual: usual.get(member.serverId) ?? [],
            now,
          });
    const isBefore = member.state === "checking" && read?.answer.kind === "judged";
    const hours = usual.get(member.serverId) ?? [];
    const known = {
      ...member,
      ...read?.kept,
      ...(isBefore ? { usual: usualAtThisTime(hours, { now, forMs: sinceForMs }) } : {}),
    };
    const move = moveMember(known, {
      answer: read?.answer ?? null,
      rules: {
        ...rollout.settings,
        rollout: rollout.state,
        bakeTimeMs: waveAt(rollout.settings, member.wave).bakeTimeMs,
      },
      now,
    });
    if (move.kind !== "stay") moved.push(moveRow(known, move, { kind: rollout.kind, now }));
  }
  const asking = moved.filter(
    ({ awaits, jobId, notBefore }) => awaits !== null && jobId === null && notBefore === null,
  );
  const isAsking = new Set(asking);
  await saveMembers(
    tx,
    moved.filter((member) => !isAsking.has(member)),
  );
  await askMembers(tx, ctx, { rollout, members: asking });
  return {
    moved: moved.length,
    isCanaryProven: moved.some(({ wave, state }) => wave === 0 && state === "succeeded"),
  };
}

/** Members about which something new may be known: an answer, or the end of a wait. */
async function readDue(tx: Transaction, { id, state }: MovedRollout, now: Date) {
  const rows = await tx
    .select({
      member: getTableColumns(rolloutMembers),
      jobState: jobs.state,
      outcome: jobs.outcome,
      agentVersion: sql<string | null>`${servers.facts} ->> 'agentVersion'`,
    })
    .from(rolloutMembers)
    .innerJoin(servers, eq(servers.id, rolloutMembers.serverId))
    .leftJoin(jobs, eq(jobs.id, rolloutMembers.jobId))
    .where(
      and(
        eq(rolloutMembers.rolloutId, id),
        inArray(rolloutMembers.state, [...movingStates]),
        or(
          isNotNull(jobs.endedAt),
          lte(rolloutMembers.deadlineAt, now),
          lte(rolloutMembers.bakeUntil, now),
          and(isNull(rolloutMembers.jobId), lte(rolloutMembers.notBefore, now)),
          state === "rolling-back" ? eq(rolloutMembers.state, "baking") : undefined,
        ),
        // What is unknown has passed its deadline already, and waits for an answer only.
        or(ne(rolloutMembers.state, "unknown"), isNotNull(jobs.endedAt)),
      ),
    )
    .orderBy(rolloutMembers.wave, rolloutMembers.position);
  return rows.map(({ member, jobState, outcome, agentVersion }) => ({
    member,
    agentVersion,
    job: jobState === null ? null : { state: jobState, outcome },
  }));
}

function moveRow(
  member: MemberRow,
  move: Exclude<MemberMove, { kind: "stay" }>,
  { kind, now }: { kind: RolloutKind; now: Date },
): MemberRow {
  if (move.kind === "ask-again")
    return {
      ...member,
      ...asked(move.ask, { kind, at: move.at }),
      // Looks are counted by themselves; another look is no failed try.
      attempts: member.awaits === move.ask ? member.attempts + (move.problem === null ? 0 : 1) : 1,
      notBefore: move.at > now ? move.at : null,
      problem: move.problem ?? member.problem,
    };
  const { to, ask, problem, bakeUntil } = move;
  return {
    ...member,
    state: to,
    stateSince: now,
    bakeUntil,
    probes: [],
    ...(isChangedBy(member, to) ? { changedAt: now, since: null, sinceAt: null } : {}),
    problem: problem ?? member.problem,
    notBefore: null,
    ...(ask === null
      ? // What it awaited last still says what a late answer would be an answer to.
        {
          deadlineAt: null,
          ...(to === "unknown" ? {} : { awaits: null, jobId: null }),
          // That it was asked tells it from who was left out beforehand.
          attempts: to === "left-out" ? member.attempts : 0,
        }
      : asked(ask, { kind, at: now })),
  };
}

/** Whether this is where its host says that the change is there. */
function isChangedBy({ awaits }: MemberRow, to: MemberState): boolean {
  return awaits === "apply" && changedStates.includes(to) && to !== "unknown";
}
