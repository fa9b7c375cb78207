import { type JobOutcome, type JobState, jobCatalog } from "@mailstead/core/jobs";
import type { Answer, HealthVerdict, RolloutKind } from "@mailstead/core/rollouts";
import {
  type HealthBaseline,
  type HealthJudgement,
  judgeHealth,
  type MailHealth,
  mailHealthSchema,
  nextProbe,
  outsideCheckId,
  updateResultSchema,
} from "@mailstead/core/updates";
import type { KeptProbe } from "@mailstead/db";
import type { MemberRow } from "./save-members.ts";
import { withOutside } from "./with-outside.ts";

export interface MemberJob {
  readonly state: JobState;
  readonly outcome: JobOutcome | null;
  /** What the server says that it runs. */
  readonly agentVersion: string | null;
}

/** What a job's end says to the member that waits for it, and what is kept of it. */
export interface ReadAnswer {
  readonly answer: Answer;
  readonly kept: Partial<
    Pick<
      MemberRow,
      "changes" | "changedPaths" | "hasWayBack" | "healthBefore" | "healthAfter" | "healthBack" | "probes"
    >
  >;
}

const only = (answer: Answer): ReadAnswer => ({ answer, kept: {} });

/** Reads the end of a member's job. What the host said in another form than promised is a failure of its own. */
export function readAnswer(
  member: MemberRow,
  { kind, job, usual, now }: { kind: RolloutKind; job: MemberJob; usual: HealthBaseline; now: Date },
): ReadAnswer {
  if (job.state === "timed-out") return only({ kind: "not-delivered" });
  if (job.outcome === null) return only({ kind: "awaited", jobState: job.state });
  switch (job.outcome.kind) {
    case "cancelled":
      return only({ kind: "failed", retry: "permanent", sentence: "Its job was taken back by a person." });
    case "failed":
      return only({ kind: "failed", retry: job.outcome.retry, sentence: job.outcome.problem });
    case "succeeded":
      if (member.awaits === "check") return readHealth(member, job.outcome.result, { usual, now });
      return readDone(member, kind, job);
  }
}

const unreadable = only({
  kind: "failed",
  retry: "permanent",
  sentence: "Its agent answered in a form that is not known here. Update the agent.",
});

function readDone(member: MemberRow, kind: RolloutKind, job: MemberJob): ReadAnswer {
  switch (kind) {
    case "packages":
      return readChanges(member, job.outcome);
    case "reboots":
      return only({ kind: "done" });
    case "agents":
      return readAgent(member, job);
    case "configurations":
      return readConfiguration(member, job.outcome);
  }
}

/** Done is who is connected as that version: the updater's word alone may have come from before. */
function readAgent({ packages }: MemberRow, { state, agentVersion }: MemberJob): ReadAnswer {
  const [wanted] = packages;
  if (wanted === undefined || wanted.version !== agentVersion)
    return only({ kind: "awaited", jobState: state });
  const { name, architecture, from, version } = wanted;
  return { answer: { kind: "done" }, kept: { changes: [{ name, architecture, from, to: version }] } };
}

function readConfiguration(member: MemberRow, outcome: JobOutcome | null): ReadAnswer {
  if (member.awaits === "restore") return only({ kind: "done" });
  const read = jobCatalog["apply-configuration"].result.safeParse(resultOf(outcome));
  if (!read.success) return unreadable;
  const { changedPaths, withoutWayBack } = read.data;
  const hasWayBack = member.hasWayBack && withoutWayBack.length === 0;
  return {
    answer: { kind: "done" },
    kept: { changedPaths: changedPaths.slice(0, changedPathsMax), hasWayBack },
  };
}

/** More than a stack has files, and as many as a page can show. */
const changedPathsMax = 500;

function resultOf(outcome: JobOutcome | null): unknown {
  return outcome?.kind === "succeeded" ? outcome.result : undefined;
}

function readChanges(member: MemberRow, outcome: JobOutcome | null): ReadAnswer {
  const read = updateResultSchema.safeParse(resultOf(outcome));
  if (!read.success) return unreadable;
  const { changes, withoutWayBack } = read.data;
  return member.awaits === "restore"
    ? { answer: { kind: "done" }, kept: {} }
    : {
        answer: { kind: "done" },
        kept: { changes, hasWayBack: member.hasWayBack && withoutWayBack.length === 0 },
      };
}

function readHealth(
  member: MemberRow,
  result: unknown,
  { usual, now }: { usual: HealthBaseline; now: Date },
): ReadAnswer {
  const read = mailHealthSchema.safeParse(result);
  if (!read.success) return unreadable;
  const isBefore = member.state === "checking";
  const { before, after } = withOutside(member, read.data);
  // What was put off before it went back is still among the attempts of the last minutes.
  const seen = member.state === "restoring" ? { ...after, figures: noFigures } : after;
  const judgement = judgeOne(seen, isBefore ? null : before, usual);
  const probes = [...member.probes, keep(judgement, now)];
  const next = nextProbe(
    probes.map(({ at, kind, reasons }) => ({
      at: new Date(at),
      judgement: { kind, standing: [], reasons: reasons.map((sentence) => ({ about: "probe", sentence })) },
    })),
    now,
  );
  const health: HealthVerdict =
    next.kind === "probe-again" ? { kind: "look-again", at: next.at } : verdictOf(next.judgement);
  return {
    answer: { kind: "judged", health },
    kept: {
      probes,
      // Once it was held to how it was met from outside, that stays to be read.
      ...(after.checks.some(({ id }) => id === outsideCheckId) ? { healthBefore: before } : {}),
      [lookOf(member)]: after,
    },
  };
}

/** Which look this is; what made a server go back is kept beside how it is then. */
function lookOf({ state }: MemberRow): "healthBefore" | "healthAfter" | "healthBack" {
  if (state === "checking") return "healthBefore";
  return state === "restoring" ? "healthBack" : "healthAfter";
}

const noFigures: MailHealth["figures"] = { queueMessages: null, recent: null };

/** Before a change it is no matter what cannot be tried on a server, as long as something can. */
function judgeOne(after: MailHealth, before: MailHealth | null, usual: HealthBaseline): HealthJudgement {
  const judgement = judgeHealth({ before, after, baseline: before === null ? [] : usual });
  const isGoodEnough =
    before === null && judgement.kind === "unknown" && after.checks.some(({ state }) => state === "ok");
  return isGoodEnough ? { kind: "well", standing: judgement.reasons } : judgement;
}

function keep(judgement: HealthJudgement, now: Date): KeptProbe {
  const reasons = judgement.kind === "well" ? [] : judgement.reasons.map(({ sentence }) => sentence);
  return { at: now.toISOString(), kind: judgement.kind, reasons };
}

function verdictOf(judgement: HealthJudgement): HealthVerdict {
  if (judgement.kind === "well") return { kind: "well" };
  return { kind: judgement.kind, reasons: judgement.reasons.map(({ sentence }) => sentence) };
}
