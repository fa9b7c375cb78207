import type { JobState } from "../jobs/index.ts";
import type { MemberState, RolloutKind, RolloutState } from "./rollout.ts";

/** What became of the job that a member waits for. */
export type Answer =
  /** It is on its way, or being worked on. */
  | { kind: "awaited"; jobState: JobState }
  /** The change or its undoing is done. */
  | { kind: "done" }
  /** What the host's look at itself says, judged against what it was before. */
  | { kind: "judged"; health: HealthVerdict }
  | { kind: "failed"; retry: "temporary" | "permanent"; sentence: string }
  /** It never left, since the server was not there. */
  | { kind: "not-delivered" };

/** One look, judged; `again` says when the next one is to be made before anything is concluded. */
export type HealthVerdict =
  | { kind: "well" }
  | { kind: "bad"; reasons: readonly string[] }
  | { kind: "unknown"; reasons: readonly string[] }
  | { kind: "look-again"; at: Date };

export interface MovingMember {
  readonly state: MemberState;
  /** What its last job was for; null where none was asked for. */
  readonly awaits: MemberAsk | null;
  /** By when something has to be heard; null in states in which nothing is awaited. */
  readonly deadlineAt: Date | null;
  /** How often the job of this state was tried. */
  readonly attempts: number;
  readonly bakeUntil: Date | null;
  /** Whether what was there before can be put back. */
  readonly hasWayBack: boolean;
}

export interface MoveRules {
  readonly rollout: RolloutState;
  readonly checksMail: boolean;
  readonly restoresBad: boolean;
  readonly bakeTimeMs: number;
}

/** The job that a state waits for. */
export type MemberAsk = "check" | "apply" | "restore";

export type MemberMove =
  | { kind: "stay" }
  /** The same state, with the job asked for once more. Without a problem it is another look, and no failed try. */
  | { kind: "ask-again"; ask: MemberAsk; at: Date; problem: string | null }
  | {
      kind: "go";
      to: MemberState;
      ask: MemberAsk | null;
      /** Why, for the person who reads the rollout; null where it went as planned. */
      problem: string | null;
      bakeUntil: Date | null;
    };

/** Longer than an order may wait and run, so that a deadline means silence. */
export const answerWithinMs: Record<MemberAsk, number> = {
  check: 15 * 60_000,
  apply: 110 * 60_000,
  restore: 110 * 60_000,
};
/** An agent that comes is on trial for some time, after work that is under way on its host has ended. */
const agentWithinMs = 150 * 60_000;

/** After how long without an answer a server counts as silent. */
export function answerWithin(kind: RolloutKind, ask: MemberAsk): number {
  return kind === "agents" && ask === "apply" ? agentWithinMs : answerWithinMs[ask];
}

const attemptsMax = 3;
const retryAfterMs = 60_000;

const stay: MemberMove = { kind: "stay" };

/** The first state of a member whose turn it is, and what it asks of the host. */
export function beginMember({ checksMail }: Pick<MoveRules, "checksMail">): {
  state: MemberState;
  ask: MemberAsk;
} {
  return checksMail ? { state: "checking", ask: "check" } : { state: "applying", ask: "apply" };
}

/**
 * Where a member goes with what is known now. Nothing is concluded from one bad look, nor from anything that nobody knows
 * before its deadline; after it, silence is told as such. An answer that comes later still counts.
 */
export function moveMember(
  member: MovingMember,
  { answer, rules, now }: { answer: Answer | null; rules: MoveRules; now: Date },
): MemberMove {
  const turn = { member, answer, rules, now };
  switch (member.state) {
    case "checking":
      return moveChecking(turn);
    case "applying":
      return moveApplying(turn);
    case "unknown":
      return settleLate(turn);
    case "verifying":
    case "rechecking":
      return moveVerifying(turn);
    case "baking":
      if (rules.rollout === "rolling-back") return go("succeeded");
      if (member.bakeUntil !== null && member.bakeUntil > now) return stay;
      return rules.checksMail ? go("rechecking", "check") : go("succeeded");
    case "restoring":
      return moveRestoring(turn);
    default:
      return stay;
  }
}

interface Turn {
  readonly member: MovingMember;
  readonly answer: Answer | null;
  readonly rules: MoveRules;
  readonly now: Date;
}

function moveChecking(turn: Turn): MemberMove {
  const { member, answer, rules, now } = turn;
  if (answer === null || answer.kind === "awaited")
    return isLate(member, now)
      ? go("left-out", null, "It did not say in time how its mail does, so nothing was changed on it.")
      : stay;
  if (answer.kind === "not-delivered") return go("waiting", null, "It went offline before its turn.");
  if (rules.rollout !== "running") return go("waiting");
  if (answer.kind === "failed") return tryAgainOr(turn, "check", notLookedAt(answer.sentence));
  if (answer.kind === "done") return go("applying", "apply");
  switch (answer.health.kind) {
    case "well":
      return go("applying", "apply");
    case "look-again":
      return { kind: "ask-again", ask: "check", at: answer.health.at, problem: null };
    case "bad":
      return go(
        "left-out",
        null,
        `Its mail was not well before, so nothing was changed on it: ${answer.health.reasons.join(" ")}`,
      );
    case "unknown":
      return go("left-out", null, notLookedAt(answer.health.reasons.join(" ")).problem);
  }
}

function notLookedAt(why: string): { problem: string; to: MemberState } {
  return {
    to: "left-out",
    problem: `How its mail does could not be seen, so nothing was changed on it: ${why}`,
  };
}

function moveApplying(turn: Turn): MemberMove {
  const { member, answer, rules, now } = turn;
  if (answer === null || answer.kind === "awaited")
    return isLate(member, now)
      ? go("unknown", null, "It was to be changed and did not answer in time; it may have changed or not.")
      : stay;
  if (answer.kind === "not-delivered") return go("waiting", null, "It went offline before it was changed.");
  if (answer.kind === "failed")
    return answer.retry === "temporary" && rules.rollout === "running" && member.attempts < attemptsMax
      ? { kind: "ask-again", ask: "apply", at: later(now), problem: answer.sentence }
      : giveUp(member, rules, answer.sentence);
  if (rules.checksMail) return go("verifying", "check");
  return bake(rules, now);
}

function moveVerifying(turn: Turn): MemberMove {
  const { member, answer, rules, now } = turn;
  if (answer === null || answer.kind === "awaited")
    return isLate(member, now)
      ? go("unknown", null, "It was changed and then did not say in time how its mail does.")
      : stay;
  if (answer.kind === "not-delivered")
    return member.attempts < attemptsMax
      ? { kind: "ask-again", ask: "check", at: later(now), problem: "It is offline." }
      : go("unknown", null, "It was changed and has been offline since.");
  if (answer.kind === "failed") {
    const to = {
      to: "unknown" as const,
      problem: `It was changed, and how its mail does could not be seen: ${answer.sentence}`,
    };
    return tryAgainOr(turn, "check", to);
  }
  if (answer.kind === "done") return after(member, rules, now);
  switch (answer.health.kind) {
    case "well":
      return after(member, rules, now);
    case "look-again":
      return { kind: "ask-again", ask: "check", at: answer.health.at, problem: null };
    case "bad":
      return giveUp(
        member,
        rules,
        `Its mail is not well after the change: ${answer.health.reasons.join(" ")}`,
      );
    case "unknown":
      return member.attempts < attemptsMax
        ? { kind: "ask-again", ask: "check", at: later(now), problem: answer.health.reasons.join(" ") }
        : go(
            "unknown",
            null,
            `It was changed, and how its mail does is not known: ${answer.health.reasons.join(" ")}`,
          );
  }
}

/** First what was there before, and then a look whether that mended it. */
function moveRestoring(turn: Turn): MemberMove {
  const { member, answer, rules, now } = turn;
  const ask = member.awaits === "check" ? "check" : "restore";
  if (answer === null || answer.kind === "awaited")
    return isLate(member, now)
      ? go("unknown", null, "It was to get back what it had and did not answer in time.")
      : stay;
  if (answer.kind === "not-delivered")
    return member.attempts < attemptsMax
      ? { kind: "ask-again", ask, at: later(now), problem: "It is offline." }
      : go("unknown", null, "It was to get back what it had and has been offline since.");
  if (ask === "restore") {
    if (answer.kind === "failed") {
      const problem = `What it had could not be put back: ${answer.sentence}`;
      return tryAgainOr(turn, ask, { to: "failed", problem });
    }
    return rules.checksMail ? go("restoring", "check") : go("restored");
  }
  if (answer.kind === "failed")
    return tryAgainOr(turn, ask, {
      to: "restored",
      problem: `${backAgain}, and how its mail does could not be seen.`,
    });
  if (answer.kind === "done") return go("restored");
  switch (answer.health.kind) {
    case "well":
      return go("restored");
    case "look-again":
      return { kind: "ask-again", ask, at: answer.health.at, problem: null };
    case "bad":
      return go(
        "failed",
        null,
        `${backAgain}, and its mail is still not well: ${answer.health.reasons.join(" ")}`,
      );
    case "unknown":
      return go(
        "restored",
        null,
        `${backAgain}, and how its mail does is not known: ${answer.health.reasons.join(" ")}`,
      );
  }
}

const backAgain = "What it had is back";

/** What comes after the deadline is taken for what it says; what still says nothing changes nothing. */
function settleLate(turn: Turn): MemberMove {
  const { answer, member } = turn;
  if (answer === null || answer.kind === "awaited" || answer.kind === "not-delivered") return stay;
  const inTime = { ...turn, member: { ...member, deadlineAt: null, attempts: attemptsMax } };
  if (member.awaits === "apply") return moveApplying(inTime);
  if (member.awaits === "restore") return moveRestoring(inTime);
  return answer.kind === "judged" && (answer.health.kind === "well" || answer.health.kind === "bad")
    ? moveVerifying(inTime)
    : stay;
}

function after({ state }: MovingMember, rules: MoveRules, now: Date): MemberMove {
  return state === "rechecking" ? go("succeeded") : bake(rules, now);
}

function bake({ bakeTimeMs }: MoveRules, now: Date): MemberMove {
  if (bakeTimeMs === 0) return go("succeeded");
  return { ...go("baking"), bakeUntil: new Date(now.getTime() + bakeTimeMs) };
}

function giveUp({ hasWayBack }: MovingMember, { restoresBad }: MoveRules, problem: string): Go {
  return restoresBad && hasWayBack ? go("restoring", "restore", problem) : go("failed", null, problem);
}

/** The same once more where that can help, and else where it leads. */
function tryAgainOr(
  { member, answer, now }: Turn,
  ask: MemberAsk,
  { to, problem }: { to: MemberState; problem: string },
): MemberMove {
  const canHelp = answer?.kind === "failed" && answer.retry === "temporary" && member.attempts < attemptsMax;
  return canHelp
    ? { kind: "ask-again", ask, at: later(now), problem: answer.sentence }
    : go(to, null, problem);
}

type Go = Extract<MemberMove, { kind: "go" }>;

function go(to: MemberState, ask: MemberAsk | null = null, problem: string | null = null): Go {
  return { kind: "go", to, ask, problem, bakeUntil: null };
}

function isLate({ deadlineAt }: MovingMember, now: Date): boolean {
  return deadlineAt !== null && deadlineAt <= now;
}

function later(now: Date): Date {
  return new Date(now.getTime() + retryAfterMs);
}
