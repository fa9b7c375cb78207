import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadLedger } from "../journal/journal.ts";
import { type FakeHost, openFakeHost } from "../testing/fake-host.ts";
import { makeIdentity, makeTarget, signOrder, testServerId } from "../testing/test-identity.ts";

const run = promisify(execFile);
const program = join(import.meta.dirname, "../testing/run-fake-agent.ts");
const parallelRunsMax = 3;

describe("an agent that is killed with -9", () => {
  let folder: string;
  let template: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "killed-"));
    template = join(folder, "template");
    const { identity, signingKeys } = makeIdentity();
    const { text, args } = makeTarget({
      domains: [
        {
          name: "alpha.example",
          dkimKeys: [{ selector: "ms202611b", algorithm: "ed25519", isSigning: true }],
        },
      ],
    });
    const order = {
      formatVersion: 1,
      jobId: "0198a5e0-0000-7000-8000-000000000001",
      serverId: testServerId,
      sequence: 1,
      verb: "converge",
      args,
      issuedAtUnixMs: 1_800_000_000_000,
      expiresAtUnixMs: 1_900_000_000_000,
    } as const;
    openFakeHost(template).write(
      "/agent-input.json",
      JSON.stringify({ identity, documents: { 1: text }, jobs: [signOrder(order, signingKeys)] }),
    );
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  // Compiled code is kept between the runs, which are otherwise mostly starts.
  const runAgent = (...args: string[]) =>
    run(process.execPath, [program, ...args], {
      env: { ...process.env, NODE_COMPILE_CACHE: join(folder, "cache") },
    });

  async function freshHost(name: string): Promise<FakeHost> {
    const root = join(folder, name);
    cpSync(template, root, { recursive: true });
    return openFakeHost(root);
  }

  it("finishes the converge at its next start, wherever in it it was killed", {
    timeout: 300_000,
  }, async () => {
    const whole = await freshHost("whole");
    const { stdout } = await runAgent(whole.root);
    expect(lookAt(whole).outcomes, stdout).toEqual(["succeeded"]);
    const records = JSON.parse(stdout.trim().split("\n").at(-1) ?? "[]") as string[];
    // One point of each sort: the first of ten folders is taken as the other nine are.
    const points = records.flatMap((name, index) => (records.indexOf(name) === index ? [index + 1] : []));
    expect(points.length).toBeGreaterThan(35);
    await inParallel(points, async (point) => {
      const host = await freshHost(`killed-${point}`);
      const killed = runAgent(host.root, String(point));
      await expect(killed).rejects.toMatchObject({ signal: "SIGKILL" });
      const keyBefore = host.read(dkimKeyPath);
      await runAgent(host.root);
      const where = `killed after record ${point}, ${records[point - 1]}`;
      expect(lookAt(host), where).toEqual(lookAt(whole));
      if (keyBefore !== null) expect(host.read(dkimKeyPath), where).toBe(keyBefore);
      expect(host.state().packageRuns, where).toBe(1);
      rmSync(host.root, { recursive: true });
    });
  });
});

const dkimKeyPath = "/var/lib/mailstead-dkim/alpha.example.ms202611b.key";

/** All that must be the same whether the agent was killed or not. */
function lookAt(host: FakeHost) {
  const { ledger } = loadLedger(host.path("/var/lib/mailstead/journal"));
  const { packages, units } = host.state();
  return {
    outcomes: [...ledger.jobs.values()].map(({ outcome }) => outcome?.kind),
    openSteps: [...ledger.jobs.values()].map(({ openStep }) => openStep),
    packages,
    running: Object.entries(units)
      .filter(([, unit]) => unit.isActive)
      .map(([name]) => name)
      .sort(),
    mainCf: host.read("/etc/postfix/main.cf"),
    dovecotConf: host.read("/etc/dovecot/dovecot.conf"),
    startPolicy: host.read("/usr/sbin/policy-rc.d"),
    hostname: host.read("/etc/hostname"),
    digests: Object.keys(JSON.parse(host.read("/var/lib/mailstead/applied.json") ?? "{}") as object).sort(),
  };
}

async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const waiting = [...items];
  const worker = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: parallelRunsMax }, worker));
}
