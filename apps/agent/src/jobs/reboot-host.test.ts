import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { Undo } from "../journal/record.ts";
import type { Host } from "../platform/host.ts";
import { openFakeHost } from "../testing/fake-host.ts";
import { rebootHost, settleReboot } from "./reboot-host.ts";

const before = { bootId: "one", kernel: "6.1.0-30-amd64" };
const after = { bootId: "two", kernel: "6.1.0-31-amd64" };
let root: string;
let ran: string[];
let begun: Undo[];
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "reboot-"));
  ran = [];
  begun = [];
});
afterEach(() => rmSync(root, { recursive: true }));

const hostThat = (answers: { isBusy?: boolean; refuses?: boolean }): Host => ({
  ...openFakeHost(root),
  run: async (argv) => {
    ran.push(argv.join(" "));
    const isQuestion = argv[1] === "is-active";
    const exitCode = isQuestion ? (answers.isBusy ? 0 : 3) : answers.refuses ? 1 : 0;
    return { exitCode, stdout: "", stderr: exitCode === 0 ? "" : "Access denied", hasTimedOut: false };
  },
});
const jobUntil = (signal: AbortSignal) =>
  ({ signal, beginStep: (_id: string, undo: Undo) => begun.push(undo), endStep: () => undefined }) as never;

it("the host is told to start anew after the journal knows which start is to end", async () => {
  const patience = new AbortController();
  const rebooting = rebootHost(hostThat({}), jobUntil(patience.signal), before);
  await expect.poll(() => ran.at(-1)).toBe("systemctl --no-block reboot");
  expect(begun).toEqual([{ kind: "host-restart", ...before }]);
  patience.abort();
  await expect(rebooting).rejects.toThrow("goes on as before");
});

it("no restart cuts off package work", async () => {
  await expect(
    rebootHost(hostThat({ isBusy: true }), jobUntil(new AbortController().signal), before),
  ).rejects.toThrow(/^Package work is under way/);
  expect(ran).toHaveLength(1);
  expect(begun).toEqual([]);
});

it("a host that refuses is told in its own words", async () => {
  await expect(
    rebootHost(hostThat({ refuses: true }), jobUntil(new AbortController().signal), before),
  ).rejects.toThrow("The host refused to start anew: Access denied");
});

it("after the restart it is told with both kernels, and where none came it is not done once more", () => {
  const openStep = { stepId: "reboot", undo: { kind: "host-restart" as const, ...before } };
  const journaled = { openStep, startedAtUnixMs: 1_000 } as never;
  const job = { endStep: () => undefined };
  expect(settleReboot(job, journaled, { now: after, nowUnixMs: 31_000 })).toEqual({
    kernelBefore: before.kernel,
    kernelAfter: after.kernel,
    tookMs: 30_000,
  });
  expect(() => settleReboot(job, journaled, { now: before, nowUnixMs: 31_000 })).toThrow(
    /^The agent was stopped before the host started anew\./,
  );
});
