import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type FakeHost, openFakeHost } from "../testing/fake-host.ts";
import { type RspamdWorkers, readRspamdWorkers, rspamdReloadProblem } from "./rspamd-workers.ts";

describe("a reload of Rspamd", () => {
  let host: FakeHost;
  const before: RspamdWorkers = { rspamd_proxy: [11], controller: [12] };
  beforeEach(() => {
    host = openFakeHost(mkdtempSync(join(tmpdir(), "rspamd-")));
  });
  afterEach(() => rmSync(host.root, { recursive: true, force: true }));

  function layOut(workers: Record<number, string>): void {
    host.write("/proc/10/task/10/children", `${Object.keys(workers).join(" ")} \n`);
    for (const [pid, kind] of Object.entries(workers))
      host.write(`/proc/${pid}/cmdline`, `rspamd: ${kind} process (/run/rspamd/milter.sock)`);
  }

  /** The host, on which each look at Rspamd finds the next of these generations, and the last from then on. */
  function withGenerations(...generations: Record<number, string>[]): FakeHost {
    let looks = 0;
    return {
      ...host,
      nowUnixMs: () => looks * 4_000,
      async run() {
        layOut(generations[Math.min(looks, generations.length - 1)] ?? {});
        looks += 1;
        return { exitCode: 0, stdout: "10\n", stderr: "", hasTimedOut: false };
      },
    };
  }
  const old = { 11: "rspamd_proxy", 12: "controller", 13: "hs_helper" };
  const fresh = { 21: "rspamd_proxy", 22: "controller", 13: "hs_helper" };

  it("finds the workers that answer others", async () => {
    expect(await readRspamdWorkers(withGenerations(old))).toEqual(before);
  });

  it("is over when new workers stand in the place of the old ones", async () => {
    const looked = withGenerations(old, old, { ...old, ...fresh }, fresh);
    expect(await rspamdReloadProblem(looked, before)).toBeNull();
    expect(looked.nowUnixMs()).toBe(4 * 4_000);
  });

  it("is over although an old worker still ends what it has begun", async () => {
    expect(await rspamdReloadProblem(withGenerations({ ...old, ...fresh }), before)).toBeNull();
  });

  it("has failed when the old workers go on alone", async () => {
    expect(await rspamdReloadProblem(withGenerations(old), before)).toMatch(/did not take up the new config/);
  });

  it("is nothing to wait for when none ran before", async () => {
    expect(await rspamdReloadProblem(withGenerations({}), {})).toBeNull();
  });
});
