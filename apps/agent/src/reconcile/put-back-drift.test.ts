import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { JobOrder } from "@mailstead/core/jobs";
import type { AgentFrame } from "@mailstead/core/wire";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { digestOf, recordAppliedDigests } from "../apply/applied-digests.ts";
import { createJobRunner } from "../jobs/job-runner.ts";
import { createVerbRunner } from "../jobs/verbs.ts";
import { type Journal, openJournal } from "../journal/journal.ts";
import { findDrift } from "../observe/drift.ts";
import { type FakeHost, openFakeHost } from "../testing/fake-host.ts";
import { makeIdentity, makeTarget, signOrder, testServerId } from "../testing/test-identity.ts";
import { renderTarget } from "./plan-target.ts";
import { createDriftReverter } from "./put-back-drift.ts";

const { identity, signingKeys } = makeIdentity();
const mainCf = "/etc/postfix/main.cf";
const rspamdConf = "/etc/rspamd/local.d/logging.inc";

describe("drift under the policy revert", () => {
  let host: FakeHost;
  let journal: Journal;
  let said: AgentFrame[];
  beforeEach(() => {
    host = openFakeHost(mkdtempSync(join(tmpdir(), "drift-")));
    journal = openJournal(join(host.root, "journal"), { nowUnixMs: host.nowUnixMs });
    said = [];
  });
  afterEach(() => rmSync(host.root, { recursive: true, force: true }));

  /** A host that was brought to a target state, without a line to the control plane. */
  async function openHost(driftPolicy: "revert" | "keep" | "ask") {
    const { target, text, args } = makeTarget({ driftPolicy });
    const requests = {
      targetState: async () => text,
      directoryPage: async () => Promise.reject(new Error("not asked")),
    };
    const suite = "bookworm" as const;
    const jobs = createJobRunner({
      identity,
      journal,
      ownerPolicyPath: host.path("/etc/mailstead/policy.json"),
      nowUnixMs: host.nowUnixMs,
      clockOffsetMs: () => 0,
      send: (frame) => said.push(frame) > 0,
      runner: createVerbRunner({
        host,
        suite,
        identity,
        requests,
        directoryPath: "/directory.sqlite",
        telemetryPath: "/telemetry.sqlite",
        readLog: async () => undefined,
        refreshFacts: async () => undefined,
        readTelemetry: async () => undefined,
      }),
    });
    const order: JobOrder = {
      formatVersion: 1,
      jobId: "0198a5e0-0000-7000-8000-000000000001",
      serverId: testServerId,
      sequence: 1,
      verb: "converge",
      args: { ...args, revertsDrift: false },
      issuedAtUnixMs: host.nowUnixMs(),
      expiresAtUnixMs: host.nowUnixMs() + 3_600_000,
    };
    await jobs.take(signOrder(order, signingKeys));
    await vi.waitFor(() => expect(jobs.isIdle()).toBe(true));
    jobs.resultStored(order.jobId);
    said.length = 0;
    return { target, args, jobs, suite };
  }

  async function look(
    { target, jobs, suite }: Awaited<ReturnType<typeof openHost>>,
    revert = reverterOf(jobs),
  ) {
    const stack = renderTarget({ suite, sealingKeys: identity.sealingKeys, target });
    await revert(target, await findDrift(host, stack));
    await vi.waitFor(() => expect(jobs.isIdle()).toBe(true));
  }
  const reverterOf = (jobs: Awaited<ReturnType<typeof openHost>>["jobs"]) =>
    createDriftReverter({ host, jobs });

  it("is put back by the agent itself, offline, and leaves nothing in the journal or on the wire", async () => {
    const opened = await openHost("revert");
    await look(opened);
    const written = host.read(mainCf);
    host.write(mainCf, `${written}by_hand = yes\n`);
    await look(opened);
    expect(host.read(mainCf)).toBe(written);
    expect(journal.ledger.jobs.size).toBe(0);
    expect([...journal.ledger.sequences.keys()]).toEqual([1]);
    opened.jobs.greet();
    expect(said).toEqual([{ type: "journal", entries: [] }]);
  });

  it("brings nothing along that is rendered otherwise by now: that waits for an order", async () => {
    const opened = await openHost("revert");
    const earlier = `${host.read(rspamdConf)}# as it was rendered before\n`;
    host.write(rspamdConf, earlier);
    await recordAppliedDigests(host, { [rspamdConf]: digestOf(earlier) });
    const written = host.read(mainCf);
    host.write(mainCf, `${written}by_hand = yes\n`);
    await look(opened);
    expect(host.read(mainCf)).toBe(written);
    expect(host.read(rspamdConf)).toBe(earlier);
  });

  it.each(["keep", "ask"] as const)("is left alone under %s", async (policy) => {
    const opened = await openHost(policy);
    host.write(mainCf, "by_hand = yes\n");
    await look(opened);
    expect(host.read(mainCf)).toBe("by_hand = yes\n");
  });

  it("is left alone when the host's owner forbids converges", async () => {
    const opened = await openHost("revert");
    host.write("/etc/mailstead/policy.json", '{"deny": ["converge"]}');
    host.write(mainCf, "by_hand = yes\n");
    await look(opened);
    expect(host.read(mainCf)).toBe("by_hand = yes\n");
  });

  it("is left alone for an hour when something makes it again and again", async () => {
    const opened = await openHost("revert");
    const revert = reverterOf(opened.jobs);
    const written = host.read(mainCf);
    const rounds: boolean[] = [];
    for (let round = 0; round < 5; round += 1) {
      host.write(mainCf, `${written}round = ${round}\n`);
      await look(opened, revert);
      rounds.push(host.read(mainCf) === written);
    }
    expect(rounds).toEqual([true, true, true, false, false]);
  });

  it("is put back without starting what a person stopped", async () => {
    const opened = await openHost("revert");
    const state = host.state();
    const unit = state.units["postfix@-.service"];
    if (unit === undefined) throw new Error("Postfix was not installed");
    host.write(
      "/fake-state.json",
      JSON.stringify({
        ...state,
        units: { ...state.units, "postfix@-.service": { ...unit, isActive: false } },
      }),
    );
    host.write(mainCf, "by_hand = yes\n");
    await look(opened);
    expect(host.read(mainCf)).not.toBe("by_hand = yes\n");
    expect(host.state().units["postfix@-.service"]?.isActive).toBe(false);
  });

  it("is settled after a kill in the middle, as any job is", async () => {
    const opened = await openHost("revert");
    const stopped = createJobRunner({
      identity,
      journal,
      ownerPolicyPath: "/none",
      nowUnixMs: host.nowUnixMs,
      clockOffsetMs: () => 0,
      send: () => true,
      runner: {
        run: () => new Promise(() => undefined),
        settle: async () => "run-again",
        takeBack: async () => null,
      },
    });
    host.write(mainCf, "by_hand = yes\n");
    stopped.takeOwn({ verb: "converge", args: { ...opened.args, revertsDrift: true } });
    await vi.waitFor(() => expect([...journal.ledger.jobs.values()][0]?.state).toBe("running"));
    expect(opened.jobs.takeOwn({ verb: "converge", args: opened.args })).toBe(false);
    opened.jobs.resume();
    await vi.waitFor(() => expect(host.read(mainCf)).not.toBe("by_hand = yes\n"));
    await vi.waitFor(() => expect(journal.ledger.jobs.size).toBe(0));
  });
});
