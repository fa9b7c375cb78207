import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { JobOutcome } from "@mailstead/core/jobs";
import { noOverrides, type TargetState } from "@mailstead/core/servers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Journal, openJournal } from "../journal/journal.ts";
import { isChanging } from "../journal/ledger.ts";
import type { Host } from "../platform/host.ts";
import { type FakeHost, openFakeHost } from "../testing/fake-host.ts";
import { makeIdentity, makeTarget, signOrder, testServerId } from "../testing/test-identity.ts";
import { createJobRunner } from "./job-runner.ts";
import { createVerbRunner } from "./verbs.ts";

const { identity, signingKeys } = makeIdentity();
const mainCf = "/etc/postfix/main.cf";
const startPolicy = "/usr/sbin/policy-rc.d";
const refusing = { ...noOverrides, postfixMain: ["smtpd_banner = refuses-to-serve"] };

describe("a step that could not be taken back", () => {
  let host: FakeHost;
  let journal: Journal;
  /** What happens on the host while a service is asked whether it serves. */
  let onProbe: () => void;
  beforeEach(() => {
    host = openFakeHost(mkdtempSync(join(tmpdir(), "left-")));
    onProbe = () => undefined;
  });
  afterEach(() => {
    journal.close();
    rmSync(host.root, { recursive: true, force: true });
  });

  /** An agent on the host as a start of it finds it; runs converges one after the other. */
  function startAgent() {
    journal = openJournal(host.path("/var/lib/mailstead/journal"), { nowUnixMs: () => 1_800_000_000_000 });
    let text = "";
    const probed: Host = {
      ...host,
      probe(question) {
        onProbe();
        return host.probe(question);
      },
    };
    const jobs = createJobRunner({
      identity,
      journal,
      ownerPolicyPath: "/none",
      nowUnixMs: () => 1_800_000_000_000,
      clockOffsetMs: () => 0,
      send: () => true,
      runner: createVerbRunner({
        host: probed,
        suite: "bookworm",
        identity,
        requests: {
          targetState: async () => text,
          directoryPage: async () => Promise.reject(new Error("not asked")),
        },
        directoryPath: "/directory.sqlite",
        telemetryPath: "/telemetry.sqlite",
        readLog: async () => undefined,
        refreshFacts: async () => undefined,
        readTelemetry: async () => undefined,
      }),
    });
    const converge = async (revision: number, changes: Partial<Record<keyof TargetState, unknown>> = {}) => {
      const target = makeTarget({ revision, ...changes });
      text = target.text;
      const jobId = `0198a5e0-0000-7000-8000-${String(revision).padStart(12, "0")}`;
      const order = {
        formatVersion: 1,
        jobId,
        serverId: testServerId,
        sequence: revision,
        verb: "converge",
        args: target.args,
        issuedAtUnixMs: 1_800_000_000_000,
        expiresAtUnixMs: 1_800_003_600_000,
      } as const;
      await jobs.take(signOrder(order, signingKeys));
      await vi.waitFor(() => expect(journal.ledger.jobs.get(jobId)?.state).toBe("ended"));
      const { outcome } = journal.ledger.jobs.get(jobId) ?? {};
      jobs.resultStored(jobId);
      return outcome as JobOutcome;
    };
    return { jobs, converge };
  }

  it("stays open over its job's end, holds the next converge back, and is taken back at the next start", async () => {
    const agent = startAgent();
    expect(await agent.converge(1)).toMatchObject({ kind: "succeeded" });
    const before = host.read(mainCf);
    // Nothing can be put in the place of a folder.
    onProbe = () => {
      rmSync(host.path(mainCf), { recursive: true });
      host.write(`${mainCf}/x`, "refuses-to-serve");
      onProbe = () => undefined;
    };
    expect(await agent.converge(2, { overrides: refusing })).toMatchObject({
      problem: expect.stringMatching(
        /^postfix did not serve .* What was begun is still half done; it is seen to again/,
      ),
    });
    expect(isChanging(journal.ledger), "what lies there now is nobody's edit by hand").toBe(true);
    expect(await agent.converge(3)).toMatchObject({
      problem: expect.stringMatching(
        /^Nothing was changed, because an earlier change could not be taken back\./,
      ),
    });
    journal.close();

    rmSync(host.path(mainCf), { recursive: true });
    const next = startAgent();
    next.jobs.resume();
    await vi.waitFor(() => expect(host.read(mainCf)).toBe(before));
    await vi.waitFor(() =>
      expect([...journal.ledger.jobs.values()].map(({ openStep }) => openStep)).toEqual([null]),
    );
    expect(await next.converge(4)).toMatchObject({ kind: "succeeded" });
    for (const jobId of journal.ledger.jobs.keys()) next.jobs.resultStored(jobId);
    expect(journal.ledger.jobs.size).toBe(0);
    expect(isChanging(journal.ledger)).toBe(false);
  });

  it("keeps packages from starting their services for as long as dpkg works", async () => {
    const agent = startAgent();
    host.write("/fake-state.json", JSON.stringify({ ...host.state(), isDpkgStuck: true }));
    expect(await agent.converge(1)).toMatchObject({
      problem: expect.stringContaining("Package work has not ended in its time and goes on"),
    });
    await agent.jobs.retryLeft();
    expect(host.read(startPolicy)).toContain("exit 101");

    host.write("/fake-state.json", JSON.stringify({ ...host.state(), isDpkgStuck: false, units: {} }));
    await agent.jobs.retryLeft();
    expect(host.read(startPolicy)).toBeNull();
    expect(await agent.converge(2)).toMatchObject({ kind: "succeeded" });
  });
});
