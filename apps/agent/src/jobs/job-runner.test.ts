import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type JobOrder, type JobVerb, jobsInFlightMax } from "@mailstead/core/jobs";
import { type AgentFrame, agentFrameSchema } from "@mailstead/core/wire";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { openJournal } from "../journal/journal.ts";
import { makeKeyPair } from "../link/keys.ts";
import { makeIdentity, signOrder, testServerId } from "../testing/test-identity.ts";
import { type JobContext, openJobContext } from "./job-context.ts";
import { JobFailure } from "./job-failure.ts";
import { createJobRunner, type VerbRunner } from "./job-runner.ts";

const now = 1_800_000_000_000;
const { identity, signingKeys } = makeIdentity();

describe("the job runner", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "runner-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** An agent of this test: what it said, and a hand on what its verbs do. */
  function openAgent(runner: Partial<VerbRunner> = {}) {
    const said: AgentFrame[] = [];
    const line = { isUp: true };
    const journal = openJournal(folder, { nowUnixMs: () => now });
    const jobs = createJobRunner({
      identity,
      journal,
      ownerPolicyPath: join(folder, "policy.json"),
      nowUnixMs: () => now,
      clockOffsetMs: () => 0,
      send(frame) {
        if (line.isUp) said.push(frame);
        return line.isUp;
      },
      runner: {
        run: async () => ({}),
        settle: async () => "run-again",
        takeBack: async () => null,
        ...runner,
      },
    });
    const of = <T extends AgentFrame["type"]>(type: T) =>
      said.filter((frame): frame is Extract<AgentFrame, { type: T }> => frame.type === type);
    return { said, line, journal, jobs, of };
  }

  it("accepts a job once, however often it is delivered, and runs it once", async () => {
    let runs = 0;
    const agent = openAgent({
      run: async () => {
        runs += 1;
        return { tookMs: 1 };
      },
    });
    const signed = signedJob(1);
    await agent.jobs.take(signed);
    await agent.jobs.take(signed);
    await vi.waitFor(() => expect(agent.of("job-ended")).not.toHaveLength(0));
    await agent.jobs.take(signed);
    expect(runs).toBe(1);
    expect(agent.of("job-accepted")).toHaveLength(3);
    expect(agent.of("job-ended").at(-1)?.outcome).toEqual({ kind: "succeeded", result: { tookMs: 1 } });
  });

  it("refuses an order whose number another job had, also after that job was settled", async () => {
    const agent = openAgent();
    await agent.jobs.take(signedJob(1));
    await vi.waitFor(() => expect(agent.of("job-ended")).toHaveLength(1));
    agent.jobs.resultStored(jobIdOf(1));
    await agent.jobs.take(signedJob(1, { jobId: jobIdOf(2) }));
    await agent.jobs.take(signedJob(1));
    expect(agent.of("job-refused").map(({ reason }) => reason)).toEqual([
      "sequence-reused",
      "sequence-reused",
    ]);
  });

  it("refuses an older change that was withheld, also after a restart and long after its successor was settled", async () => {
    const agent = openAgent();
    const older = signedJob(4, { verb: "converge", args: convergeTo(2) });
    await agent.jobs.take(signedJob(5, { verb: "converge", args: convergeTo(3) }));
    await agent.jobs.take(older);
    await agent.jobs.take(signedJob(6, { verb: "converge", args: convergeTo(2) }));
    await vi.waitFor(() => expect(agent.of("job-ended")).toHaveLength(1));
    agent.jobs.resultStored(jobIdOf(5));
    agent.journal.close();
    openJournal(folder, { nowUnixMs: () => now + 3_600_000 }).close();
    const next = openAgent();
    await next.jobs.take(older);
    await next.jobs.take(
      signedJob(7, { verb: "sync-directory", args: { epoch: 1, revision: 8, chain: "" } }),
    );
    await next.jobs.take(
      signedJob(8, { verb: "sync-directory", args: { epoch: 1, revision: 7, chain: "" } }),
    );
    await vi.waitFor(() => expect(next.of("job-ended")).toHaveLength(1));
    const refusals = [...agent.of("job-refused"), ...next.of("job-refused")];
    expect(refusals.map(({ reason, jobId }) => [reason, jobId])).toEqual([
      ["superseded", jobIdOf(4)],
      ["superseded", jobIdOf(6)],
      ["superseded", jobIdOf(4)],
      ["superseded", jobIdOf(8)],
    ]);
    expect(refusals[0]?.sentence).toMatch(/has number 4 and this host has already accepted number 5/);
    expect(refusals[1]?.sentence).toMatch(/back from revision 3 to 2 of its target state/);
  });

  it("takes orders one after the other, so that a later one cannot overtake and supersede an earlier one", async () => {
    const agent = openAgent();
    const orders = Array.from({ length: 20 }, (_, index) => signedJob(index + 1));
    await Promise.all(orders.map((order) => agent.jobs.take(order)));
    expect(agent.of("job-refused")).toEqual([]);
    expect(agent.of("job-accepted").map(({ jobId }) => jobId)).toEqual(orders.map((_, i) => jobIdOf(i + 1)));
  });

  it("answers a job that it has accepted from its journal, although others have come after it", async () => {
    const agent = openAgent({ run: () => new Promise(() => undefined) });
    await agent.jobs.take(signedJob(1));
    await agent.jobs.take(signedJob(2));
    agent.said.length = 0;
    await agent.jobs.take(signedJob(1));
    expect(agent.said).toEqual([{ type: "job-accepted", jobId: jobIdOf(1) }]);
  });

  it("says why it refuses an order that another key signed, and never refuses one that it has accepted", async () => {
    const agent = openAgent({ run: () => new Promise(() => undefined) });
    const foreign = makeKeyPair("ed25519");
    await agent.jobs.take(signedJob(1, {}, foreign));
    expect(agent.of("job-refused")).toEqual([
      expect.objectContaining({ jobId: jobIdOf(1), reason: "unknown-key" }),
    ]);
    expect(agent.of("job-refused")[0]?.sentence).toMatch(/enrol this host again/);
    await agent.jobs.take(signedJob(2));
    agent.said.length = 0;
    await agent.jobs.take(signedJob(2, {}, foreign));
    await agent.jobs.take(signedJob(2, { expiresAtUnixMs: now - 1 }));
    expect(agent.said).toEqual([
      { type: "job-accepted", jobId: jobIdOf(2) },
      { type: "job-accepted", jobId: jobIdOf(2) },
    ]);
  });

  it("runs as many diagnostics at once as may be with it, so that none waits behind a slow one", async () => {
    const running: number[] = [];
    const gate = Promise.withResolvers<void>();
    const agent = openAgent({
      run: async ({ order }) => {
        running.push(order.sequence);
        await gate.promise;
        return {};
      },
    });
    const all = Array.from({ length: jobsInFlightMax.diagnostic + 1 }, (_, index) => index + 1);
    for (const number of all) await agent.jobs.take(signedJob(number, { verb: "refresh-facts", args: {} }));
    expect(running).toEqual(all.slice(0, -1));
    gate.resolve();
    await vi.waitFor(() => expect(agent.of("job-ended")).toHaveLength(all.length));
    expect(running).toEqual(all);
  });

  it("says that a job took too long, although it was asked to cancel it as well", async () => {
    const journal = openJournal(folder, { nowUnixMs: () => now });
    const { order } = signedJob(1);
    journal.append(
      { kind: "accepted", jobId: jobIdOf(1), sequence: 1, expiresAtUnixMs: now + 60_000, order },
      true,
    );
    journal.append({ kind: "cancel-requested", jobId: jobIdOf(1) }, true);
    const job = journal.ledger.jobs.get(jobIdOf(1));
    if (job === undefined) throw new Error("the journal lacks the job");
    const context = openJobContext({
      order: JSON.parse(order),
      job,
      journal,
      signal: AbortSignal.abort(),
      nowUnixMs: () => now,
      onProgress: () => undefined,
    });
    expect(() => context.requireGoOn()).toThrow(/took longer than it may/);
  });

  it("runs a diagnostic that a later one has overtaken", async () => {
    const agent = openAgent();
    await agent.jobs.take(signedJob(2, { verb: "refresh-facts", args: {} }));
    await agent.jobs.take(signedJob(1, { verb: "refresh-facts", args: {} }));
    await vi.waitFor(() => expect(agent.of("job-ended")).toHaveLength(2));
  });

  it("runs one change at a time, in order, and diagnostics beside it", async () => {
    const running: string[] = [];
    const gate = Promise.withResolvers<void>();
    const agent = openAgent({
      run: async ({ order }) => {
        running.push(`${order.verb} ${order.sequence}`);
        if (order.verb !== "refresh-facts") await gate.promise;
        return {};
      },
    });
    await agent.jobs.take(signedJob(1));
    await agent.jobs.take(signedJob(2));
    await agent.jobs.take(signedJob(3, { verb: "refresh-facts", args: {} }));
    await vi.waitFor(() => expect(agent.of("job-ended")).toHaveLength(1));
    expect(running).toEqual(["restart-service 1", "refresh-facts 3"]);
    gate.resolve();
    await vi.waitFor(() => expect(agent.of("job-ended")).toHaveLength(3));
    expect(running.at(-1)).toBe("restart-service 2");
  });

  it("keeps what it could not send and sends it without a gap on the next connection", async () => {
    const agent = openAgent({
      run: async (context) => {
        for (const text of ["one", "two", "three"]) context.logLine("info", text);
        agent.line.isUp = false;
        context.logLine("info", "four");
        return {};
      },
    });
    await agent.jobs.take(signedJob(1));
    await vi.waitFor(() => expect(agent.journal.ledger.jobs.get(jobIdOf(1))?.state).toBe("ended"));
    agent.line.isUp = true;
    agent.jobs.progressStored(jobIdOf(1), 2);
    agent.said.length = 0;
    agent.jobs.greet();
    expect(agent.said.map(({ type }) => type)).toEqual(["journal", "job-progress", "job-ended"]);
    expect(agent.of("job-progress")[0]?.events.map(({ number }) => number)).toEqual([3, 4]);
    expect(agent.of("job-ended")[0]?.progressNumber).toBe(4);
    agent.jobs.resultStored(jobIdOf(1));
    agent.said.length = 0;
    agent.jobs.greet();
    expect(agent.said).toEqual([{ type: "journal", entries: [] }]);
  });

  it("sends again what a gateway lacks when its answers do not move on", async () => {
    const agent = openAgent({
      run: async (context) => {
        for (const text of ["one", "two", "three"]) context.logLine("info", text);
        return {};
      },
    });
    await agent.jobs.take(signedJob(1));
    await vi.waitFor(() => expect(agent.of("job-ended")).toHaveLength(1));
    agent.jobs.progressStored(jobIdOf(1), 1);
    agent.said.length = 0;
    agent.jobs.progressStored(jobIdOf(1), 1);
    expect(agent.of("job-progress")[0]?.events.map(({ number }) => number)).toEqual([2, 3]);
    expect(agent.said.at(-1)?.type).toBe("job-ended");
  });

  it("settles a job that it was stopped in before it runs it again, and counts on in its story", async () => {
    const stopped = openAgent({
      run: (context) => {
        context.logLine("info", "begun");
        context.beginStep("apply-files:postfix", { kind: "none" });
        return new Promise(() => undefined);
      },
    });
    await stopped.jobs.take(signedJob(1));
    await vi.waitFor(() => expect(stopped.journal.ledger.jobs.get(jobIdOf(1))?.openStep).not.toBeNull());
    stopped.journal.close();
    const settled: string[] = [];
    const next = openAgent({
      settle: async (_context, job) => {
        settled.push(job.openStep?.stepId ?? "");
        return "run-again";
      },
    });
    next.jobs.resume();
    await vi.waitFor(() => expect(next.of("job-ended")).toHaveLength(1));
    expect(settled).toEqual(["apply-files:postfix"]);
    expect(next.of("job-progress").flatMap(({ events }) => events.map(({ number }) => number))).toEqual([
      1, 2,
    ]);
  });

  it("gives up a job that stops the agent every time", async () => {
    for (let start = 0; start < 6; start += 1) {
      const agent = openAgent({ run: () => new Promise(() => undefined) });
      if (start === 0) await agent.jobs.take(signedJob(1));
      else agent.jobs.resume();
      await vi.waitFor(() => expect(agent.journal.ledger.jobs.get(jobIdOf(1))?.starts).toBe(start + 1));
      if (start < 5) agent.journal.close();
      else
        await vi.waitFor(() =>
          expect(agent.of("job-ended")[0]?.outcome).toMatchObject({ kind: "failed", retry: "temporary" }),
        );
    }
  });

  it("ends a job with the sentence of its failure, and a cancelled one as cancelled", async () => {
    const agent = openAgent({
      run: async (context: JobContext) => {
        if (context.order.sequence === 1)
          throw new JobFailure("The disk is on fire.", { retry: "permanent" });
        agent.jobs.cancel(context.order.jobId);
        context.requireGoOn();
      },
    });
    await agent.jobs.take(signedJob(1));
    await agent.jobs.take(signedJob(2));
    await vi.waitFor(() => expect(agent.of("job-ended")).toHaveLength(2));
    expect(agent.of("job-ended").map(({ outcome }) => outcome)).toEqual([
      { kind: "failed", problem: "The disk is on fire.", retry: "permanent" },
      { kind: "cancelled" },
    ]);
  });

  it("keeps its story within the bounds of the wire, whatever the names and texts in it", async () => {
    const agent = openAgent({
      run: async (context) => {
        const id = `make-dkim-key:selector.${"long-label.".repeat(30)}example`;
        context.report({ kind: "plan", steps: [{ id, title: "t".repeat(500), weight: 1 }] });
        context.report({ kind: "step-ended", stepId: id, outcome: "failed", detail: "d".repeat(10_000) });
        context.report({ kind: "file-changed", path: "/etc/f", diff: "x".repeat(100_000) });
        context.logLine("info", "l".repeat(10_000));
        return {};
      },
    });
    await agent.jobs.take(signedJob(1));
    await vi.waitFor(() => expect(agent.of("job-ended")).toHaveLength(1));
    for (const frame of agent.said) expect(agentFrameSchema.safeParse(frame).success).toBe(true);
    agent.journal.close();
    expect(openJournal(folder, { nowUnixMs: () => now }).damagedLines).toBe(0);
  });

  it("refuses a job when the journal has no room for it", async () => {
    const agent = openAgent();
    agent.journal.requireRoom = () => {
      throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
    };
    await agent.jobs.take(signedJob(1));
    expect(agent.of("job-refused")[0]).toMatchObject({ reason: "journal-full" });
    expect(agent.journal.ledger.jobs.size).toBe(0);
  });
});

function convergeTo(targetRevision: number) {
  return { targetRevision, targetDigest: "0".repeat(64), revertsDrift: false };
}

function jobIdOf(number: number): string {
  return `0198a5e0-0000-7000-8000-${String(number).padStart(12, "0")}`;
}

function signedJob(
  sequence: number,
  changes: Partial<JobOrder> & { verb?: JobVerb } = {},
  keys = signingKeys,
) {
  const order: JobOrder = {
    formatVersion: 1,
    jobId: jobIdOf(sequence),
    serverId: testServerId,
    sequence,
    verb: "restart-service",
    args: { service: "postfix" },
    issuedAtUnixMs: now,
    expiresAtUnixMs: now + 60_000,
    ...changes,
  };
  return signOrder(order, keys);
}
