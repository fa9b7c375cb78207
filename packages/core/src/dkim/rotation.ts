import type { RotationTiming } from "./rotation-timing.ts";

/**
 * Where a rotation stands. Before "switching" nothing signs with a new key; up to "retiring" the old keys' records
 * stand, so that the way back is open; from "revoking" on it is closed.
 */
export const rotationSteps = [
  "generating",
  "publishing",
  "propagating",
  "waiting-caches",
  "verifying",
  "switching",
  "watching",
  "retiring",
  "revoking",
  "destroying",
  "done",
] as const;
export type RotationStep = (typeof rotationSteps)[number];

/** The steps after the new keys have been watched: they only end the old ones, and another rotation may begin. */
export const endingSteps: readonly RotationStep[] = ["retiring", "revoking", "destroying", "done"];

/** compromise: a private key is in strange hands, so the old keys end at once and waits are skipped. */
export const rotationKinds = ["scheduled", "by-hand", "compromise"] as const;
export type RotationKind = (typeof rotationKinds)[number];

/**
 * forward: the new keys take over. back: the old ones sign again and the new ones end. cancelled: the new ones end
 * without having signed anything.
 */
export const rotationCourses = ["forward", "back", "cancelled"] as const;
export type RotationCourse = (typeof rotationCourses)[number];

/**
 * waiting: made or to be made, has not signed. retiring: signs no more, its record stands. revoked: its record says
 * that it is no key any more (RFC 6376 §3.6.1, empty p=). destroyed: no host holds its private half.
 */
export const dkimKeyStates = ["waiting", "signing", "retiring", "revoked", "destroyed"] as const;
export type DkimKeyState = (typeof dkimKeyStates)[number];

export interface Rotation {
  kind: RotationKind;
  course: RotationCourse;
  step: RotationStep;
  stepSince: Date;
  /** How long a resolver may go on saying that a new record does not exist, as the zone's servers told. */
  cacheWaitMs: number;
  timing: RotationTiming;
}

/** all: every authoritative server shows exactly this key. not: one shows something else. unknown: some did not say. */
export type Shown = "all" | "not" | "unknown";

export interface RotationKey {
  selector: string;
  role: "incoming" | "outgoing";
  state: DkimKeyState;
  /** Whether the host has reported the public half. */
  isMade: boolean;
  /** False once the host that held the private half is gone. */
  hasPrivateKey: boolean;
  /** Another key stood under the name of its record before, and resolvers may remember that one. */
  isNameReused: boolean;
  shown: Shown;
  /** Since when all authoritative servers have shown it in every look. */
  shownSince: Date | null;
}

/** open: the job has not ended. lost: it ended without an answer, which says nothing of the key. */
export interface SignatureTest {
  state: "open" | "passed" | "failed" | "lost";
  askedAt: Date;
  /** What is wrong; of an open one, what the failed one before it came to. */
  problem: string | null;
}

export interface RotationServer {
  serverId: string;
  name: string;
  isOnline: boolean;
  /** The domain has left it since, so what it was told last has it sign nothing of the domain. */
  hasLeft: boolean;
  keys: readonly RotationKey[];
  /** The revision that had it sign with the keys of the course; null until it was told. */
  switchRevision: number | null;
  /** The revision that took the private keys away; null until it was told. */
  destroyRevision: number | null;
  /** The newest revision that this rotation asked for. */
  askedRevision: number;
  appliedRevision: number;
  /** The file that says which keys sign was edited on the host and does not say what we wrote. */
  isKeyMapEdited: boolean;
  hasOpenConverge: boolean;
  /** When the last converge of the server was asked for, by anybody. */
  convergeAskedAt: Date | null;
  test: SignatureTest | null;
}

/** What came of asking for the records that the rotation wants now. */
export interface Publication {
  kind: "published" | "by-hand" | "refused" | "failed";
  triedAt: Date;
  /** Attempts that failed one after the other. */
  failures: number;
  sentence: string | null;
}

export interface RotationFacts {
  servers: readonly RotationServer[];
  /** What kept anybody from asking the authoritative servers at all; null when they were asked. */
  resolverProblem: string | null;
  /** Null until the records that are wanted now were asked for. */
  publication: Publication | null;
  /** Whether there is a record to put or to withdraw at all. */
  wantsRecords: boolean;
  /** A later rotation replaces what this one brought, so it only brings its old keys to their end. */
  isFollowed: boolean;
  /** False while nobody can say how much time has passed, as after a clock was set: then no wait ends. */
  isTimeSure: boolean;
}

export type RotationAsk =
  | { kind: "publish" }
  | { kind: "test-signature"; serverId: string }
  | { kind: "switch"; serverId: string }
  | { kind: "converge"; serverId: string }
  | { kind: "destroy-keys"; serverId: string };

/**
 * wait: nothing moves; `asks` are made now, and `alarm` is what a person should know. advance: the step changes, which
 * may also be to an earlier one. go-back: the old keys sign again, or, when nothing has signed with a new one, the new
 * ones end.
 */
export type RotationDecision =
  | {
      kind: "wait";
      waitsFor: string;
      /** When it goes on by itself at the latest; null when that is for others to say. */
      until: Date | null;
      lookAgainAt: Date;
      alarm: string | null;
      asks: readonly RotationAsk[];
    }
  | { kind: "advance"; to: RotationStep; because: string }
  | { kind: "go-back"; reason: string };

/** Whether the rotation gives signing to the new keys, so that the old ones end. */
export function isForward({ course }: Pick<Rotation, "course">): boolean {
  return course === "forward";
}

/** The role of the keys that end with the rotation. */
export function endingRole({ course }: Pick<Rotation, "course">): RotationKey["role"] {
  return course === "forward" ? "outgoing" : "incoming";
}
