import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { JobVerb } from "@mailstead/core/jobs";
import { updateResultSchema } from "@mailstead/core/updates";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadLedger } from "../journal/journal.ts";
import { runFakeAgent } from "../testing/fake-agent.ts";
import { type FakeHost, openFakeHost } from "../testing/fake-host.ts";
import { type FakeDeb, keptOn } from "../testing/fake-packages.ts";
import { keepDisk } from "../testing/keep-disk.ts";
import { makeIdentity, signOrder, testServerId } from "../testing/test-identity.ts";

const run = promisify(execFile);
const program = join(import.meta.dirname, "../testing/run-fake-agent.ts");
// What a killed agent leaves on the disk is what lies there at that point; that this is so, every twelfth shows in earnest.
const isKilledInEarnest = (point: number): boolean => point % 12 === 0;

const old: FakeDeb = {
  name: "dovecot-core",
  architecture: "amd64",
  version: "1:2.3.19-1",
  unit: "dovecot.service",
};
const good: FakeDeb = { ...old, version: "1:2.3.19-2", isDown: true };
const failing: FakeDeb = { ...good, fails: true };
const dependency: FakeDeb = { name: "libnew1", architecture: "amd64", version: "1.0-1" };

describe("an agent that is killed with -9 while it updates packages or takes that back", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "killed-updates-"));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each([
    { what: "goes well", update: good, outcomes: ["succeeded", "succeeded"] },
    { what: "fails", update: failing, outcomes: ["failed", "succeeded"] },
  ])(
    "ends both jobs as truthfully as one that lives, where the update $what",
    {
      timeout: 300_000,
    },
    async ({ what, update, outcomes }) => {
      const template = layOut(join(folder, `template ${what}`), update);
      const whole = copyOf(template, `whole ${what}`);
      const kept = join(folder, `kept ${what}`);
      const points = await runFakeAgent(whole.root, (_point, number) =>
        keepDisk(whole.root, join(kept, String(number))),
      );
      expect(lookAt(whole).outcomes).toEqual(outcomes);
      expect(points).toEqual(expect.arrayContaining(tellingPoints));
      for (const [index, name] of points.entries()) {
        const number = index + 1;
        let host = openFakeHost(join(kept, String(number)));
        if (isKilledInEarnest(number)) {
          host = copyOf(template, `killed ${what} ${number}`);
          await expect(run(process.execPath, [program, host.root, String(number)])).rejects.toMatchObject({
            signal: "SIGKILL",
          });
        }
        await runFakeAgent(host.root);
        expect(lookAt(host), `killed at point ${number}, ${name}`).toEqual(lookAt(whole));
        rmSync(host.root, { recursive: true });
      }
    },
  );

  function copyOf(host: FakeHost, name: string): FakeHost {
    cpSync(host.root, join(folder, name), { recursive: true, verbatimSymlinks: true });
    return openFakeHost(join(folder, name));
  }
});

const tellingPoints = [
  ...["ask", "keep", "install"].map((step) => `job 1: step-begun ${step}`),
  "job 1: after apt-get",
  ...["keep", "go-back", "restart"].map((step) => `job 2: step-begun ${step}`),
  "job 2: after apt-get",
];

function layOut(root: string, update: FakeDeb): FakeHost {
  const host = openFakeHost(root);
  const unit = { isActive: true, isEnabled: true, starts: 1, reloads: 0 };
  const debs = {
    installed: { "dovecot-core:amd64": { ...old, status: "ii ", sizeKib: 1000 } },
    mirror: [old, update, dependency],
    automatic: ["dovecot-core"],
  };
  host.write(
    "/fake-state.json",
    JSON.stringify({ ...host.state(), debs, units: { "dovecot.service": unit } }),
  );
  mkdirSync(host.path("/proc/self/ns"), { recursive: true });
  symlinkSync("pid:[1]", host.path("/proc/self/ns/pid"));
  const { identity, signingKeys } = makeIdentity();
  const packagesOf = (...packages: FakeDeb[]) => ({
    packages: packages.map(({ name, architecture, version }) => ({ name, architecture, version })),
  });
  const orders: { verb: JobVerb; args: unknown }[] = [
    { verb: "install-updates", args: packagesOf(update, dependency) },
    { verb: "roll-back-updates", args: packagesOf(old) },
  ];
  const jobs = orders.map((order, index) =>
    signOrder(
      {
        ...order,
        formatVersion: 1,
        jobId: `0198a5e0-0000-7000-8000-00000000000${index + 1}`,
        serverId: testServerId,
        sequence: index + 1,
        issuedAtUnixMs: 1_800_000_000_000,
        expiresAtUnixMs: 1_900_000_000_000,
      },
      signingKeys,
    ),
  );
  host.write("/agent-input.json", JSON.stringify({ identity, documents: {}, jobs }));
  return host;
}

/** All that must be the same whether the agent was killed or not, first what it told of its work. */
function lookAt(host: FakeHost) {
  const { ledger } = loadLedger(host.path("/var/lib/mailstead/journal"));
  const ended = [...ledger.jobs.values()];
  const { debs, units } = host.state();
  return {
    outcomes: ended.map(({ outcome }) => outcome?.kind),
    told: ended.map(({ outcome }) => {
      if (outcome?.kind === "failed") return outcome.problem;
      return outcome?.kind === "succeeded"
        ? { ...updateResultSchema.parse(outcome.result), tookMs: 0 }
        : null;
    }),
    openSteps: ended.map(({ openStep }) => openStep),
    installed: debs?.installed,
    automatic: debs?.automatic.toSorted(),
    running: Object.entries(units).flatMap(([name, { isActive }]) => (isActive ? [name] : [])),
    kept: keptOn(host),
  };
}
