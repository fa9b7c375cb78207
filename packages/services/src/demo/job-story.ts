import type { JobOutcome, JobVerb, ProgressBody } from "@mailstead/core/jobs";
import { jobEvents, jobs, outbox } from "@mailstead/db";
import { and, asc, eq } from "drizzle-orm";
import { type SystemContext, withSystemTransaction } from "../context/index.ts";

/** One thing that a job did, `afterMs` after it began. */
export interface StoryLine {
  afterMs: number;
  body: ProgressBody;
}

export interface JobStory {
  tookMs: number;
  lines: readonly StoryLine[];
  /** Null while the job runs. */
  outcome: JobOutcome | null;
}

/** Tells how a job that a use case asked for went, as if an agent had run it at once. */
export async function tellJob(ctx: SystemContext, jobId: string, story: JobStory): Promise<void> {
  const { tookMs, lines, outcome } = story;
  await withSystemTransaction(ctx, async (tx) => {
    const [job] = await tx.select().from(jobs).where(eq(jobs.id, jobId));
    if (job === undefined) throw new Error(`there is no job ${jobId}`);
    const { organisationId, tenantId, createdAt: at } = job;
    const startedAt = later(at, 220);
    await tx
      .update(jobs)
      .set({
        state: outcome === null ? "running" : outcome.kind,
        progressNumber: lines.length,
        outcome,
        signedAt: later(at, 40),
        dispatchedAt: later(at, 80),
        acceptedAt: later(at, 150),
        startedAt,
        endedAt: outcome === null ? null : later(startedAt, tookMs),
        // A job that runs in the demo runs for as long as anybody looks.
        deadlineAt: later(at, 3650 * 86_400_000),
      })
      .where(eq(jobs.id, jobId));
    if (lines.length > 0)
      await tx.insert(jobEvents).values(
        lines.map(({ afterMs, body }, index) => {
          const number = index + 1;
          return { jobId, number, organisationId, tenantId, at: later(startedAt, afterMs), body };
        }),
      );
    // No agent of the demo will ever run it, so the relay must not take it up.
    await tx.delete(outbox).where(eq(outbox.subjectId, jobId));
  });
}

/** Lets everything that waits for a server end well; a converge tells of the files that it changed. */
export async function tellWaitingJobs(
  ctx: SystemContext,
  serverId: string,
  changes: readonly { path: string; diff: string }[] = [],
): Promise<void> {
  const waiting = await withSystemTransaction(ctx, (tx) =>
    tx
      .select({ id: jobs.id, verb: jobs.verb })
      .from(jobs)
      .where(and(eq(jobs.serverId, serverId), eq(jobs.state, "queued")))
      .orderBy(asc(jobs.sequence)),
  );
  for (const { id, verb } of waiting)
    await tellJob(ctx, id, { tookMs: verb === "converge" ? 1400 : 60, ...goodEnd(verb, changes) });
}

function goodEnd(
  verb: JobVerb,
  changes: readonly { path: string; diff: string }[],
): Pick<JobStory, "lines" | "outcome"> {
  if (verb === "sync-directory")
    return { lines: [], outcome: { kind: "succeeded", result: { changesApplied: 12, tookMs: 41 } } };
  const changedPaths = changes.map(({ path }) => path);
  return {
    lines: changes.length === 0 ? [] : changeLines({ changes }),
    outcome: {
      kind: "succeeded",
      result: { stepsApplied: changes.length === 0 ? 0 : 1, changedPaths, tookMs: 1180 },
    },
  };
}

function later(at: Date, ms: number): Date {
  return new Date(at.getTime() + ms);
}

const installSteps = [
  ["packages", "Install postfix, dovecot, rspamd and 11 more packages", 40, 21_000],
  ["user", "Make the system user vmail", 1, 120],
  ["folders", "Make 14 folders", 1, 60],
  ["certificate", "Make a self-signed certificate", 2, 400],
  ["dkim", "Make DKIM keys", 3, 900],
  ["directory", "Make the mail directory", 1, 90],
  ["redis", "Configure Redis", 2, 700],
  ["rspamd", "Configure Rspamd", 5, 2300],
  ["dovecot", "Configure Dovecot", 5, 1400],
  ["postfix", "Configure Postfix", 5, 1600],
  ["fail2ban", "Configure fail2ban", 2, 900],
  ["nginx", "Configure nginx", 2, 400],
] as const;

/** An install from its plan to its end, or to the step where it stands. */
export function installLines(stopsAfter: number = installSteps.length): StoryLine[] {
  const lines: StoryLine[] = [
    {
      afterMs: 0,
      body: { kind: "plan", steps: installSteps.map(([id, title, weight]) => ({ id, title, weight })) },
    },
  ];
  let afterMs = 30;
  for (const [index, [id, , , tookMs]] of installSteps.entries()) {
    if (index > stopsAfter) break;
    lines.push({ afterMs, body: { kind: "step-started", stepId: id } });
    if (id === "packages")
      for (const text of [
        "Reading package lists",
        "Unpacking postfix",
        "Setting up dovecot-core",
        "Setting up rspamd",
      ])
        lines.push({ afterMs: afterMs + lines.length * 900, body: { kind: "log", level: "info", text } });
    if (index === stopsAfter) break;
    afterMs += tookMs;
    lines.push({
      afterMs,
      body: { kind: "step-ended", stepId: id, outcome: "changed" },
    });
  }
  return lines;
}

/** A change of files that succeeded, or was put back because its check failed. */
export function changeLines({
  changes,
  problem,
}: {
  changes: readonly { path: string; diff: string }[];
  problem?: string;
}): StoryLine[] {
  const title = `Configure ${serviceOf(changes[0]?.path ?? "")}`;
  const end: StoryLine[] =
    problem === undefined
      ? [{ afterMs: 640, body: { kind: "step-ended", stepId: "files", outcome: "changed" } }]
      : [
          { afterMs: 410, body: { kind: "log", level: "error", text: problem } },
          {
            afterMs: 640,
            body: { kind: "step-ended", stepId: "files", outcome: "reverted", detail: problem },
          },
        ];
  return [
    { afterMs: 0, body: { kind: "plan", steps: [{ id: "files", title, weight: 5 }] } },
    { afterMs: 12, body: { kind: "step-started", stepId: "files" } },
    ...changes.map(
      ({ path, diff }): StoryLine => ({ afterMs: 90, body: { kind: "file-changed", path, diff } }),
    ),
    ...end,
  ];
}

const services = { postfix: "Postfix", dovecot: "Dovecot", rspamd: "Rspamd", fail2ban: "fail2ban" } as const;

function serviceOf(path: string): string {
  return Object.entries(services).find(([folder]) => path.startsWith(`/etc/${folder}/`))?.[1] ?? "the host";
}
