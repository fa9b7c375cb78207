import { execFile, execFileSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { StepKind } from "@mailstead/core/converge";
import { defaultStackSettings, defaultWebSettings, type TargetState } from "@mailstead/core/servers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadLedger } from "../journal/journal.ts";
import { type FakeHost, openFakeHost } from "../testing/fake-host.ts";
import { sortOfPoint } from "../testing/points.ts";
import { openTestAuthority } from "../testing/test-authority.ts";
import { makeIdentity, makeTarget, signOrder, testServerId } from "../testing/test-identity.ts";
import { staleServices } from "../testing/watched-host.ts";

const run = promisify(execFile);
const program = join(import.meta.dirname, "../testing/run-fake-agent.ts");
const parallelRunsMax = 3;
// To come to each point anew would take minutes. The one that passes all of them keeps the disk as it is there, which is
// what a killed one leaves; that this is so, every tenth shows.
const isKilledInEarnest = (point: number): boolean => point % 10 === 0;

describe("an agent that is killed with -9", () => {
  let folder: string;
  let template: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "killed-"));
    template = join(folder, "template");
    const { identity, signingKeys } = makeIdentity();
    // The first installs, and its services are started; the second has them take up new files while they run.
    // The certificates are for a key that a former agent made, and whose request was lost.
    const host = openFakeHost(template);
    mkdirSync(host.path("/var/lib/mailstead-tls"), { recursive: true });
    const request = makeTlsKey(host.path("/var/lib/mailstead-tls/key-1.key"));
    const authority = openTestAuthority();
    const certificates = ["v1", "v2"].map((version) => [
      {
        id: "host",
        keyId: "key-1",
        names: certificateNames,
        issued: { version, chain: authority.issue(request) },
      },
    ]);
    authority.close();
    const targets = [
      makeTarget({ ...installed, certificates: certificates[0] }),
      makeTarget({ ...installed, ...changed, certificates: certificates[1] }),
    ];
    const jobs = targets.map(({ args }, index) =>
      signOrder(
        {
          formatVersion: 1,
          jobId: `0198a5e0-0000-7000-8000-00000000000${index + 1}`,
          serverId: testServerId,
          sequence: index + 1,
          verb: "converge",
          args,
          issuedAtUnixMs: 1_800_000_000_000,
          expiresAtUnixMs: 1_900_000_000_000,
        },
        signingKeys,
      ),
    );
    const documents = Object.fromEntries(targets.map(({ target, text }) => [target.revision, text]));
    host.write("/agent-input.json", JSON.stringify({ identity, documents, jobs }));
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

  async function killAt(point: number): Promise<FakeHost> {
    const host = await freshHost(`killed-${point}`);
    await expect(runAgent(host.root, String(point))).rejects.toMatchObject({ signal: "SIGKILL" });
    return host;
  }

  it("finishes the converge at its next start, wherever in it it was killed", {
    timeout: 600_000,
  }, async () => {
    const whole = await freshHost("whole");
    const kept = join(folder, "kept");
    const { stdout } = await runAgent(whole.root, kept);
    expect(lookAt(whole), stdout).toMatchObject({ outcomes: ["succeeded", "succeeded"], stale: [] });
    const reached = JSON.parse(stdout.trim().split("\n").at(-1) ?? "[]") as string[];
    expect(reached).toEqual(expect.arrayContaining(tellingPoints));
    const points = readdirSync(kept).map(Number);
    expect(points).toHaveLength(new Set(reached.map(sortOfPoint)).size);
    await inParallel(points, async (point) => {
      const host = isKilledInEarnest(point) ? await killAt(point) : openFakeHost(join(kept, String(point)));
      const keyBefore = host.read(dkimKeyPath);
      await runAgent(host.root);
      const where = `killed at point ${point}, ${reached[point - 1]}`;
      expect(lookAt(host), where).toEqual(lookAt(whole));
      if (keyBefore !== null) expect(host.read(dkimKeyPath), where).toBe(keyBefore);
      expect(host.state().packageRuns, where).toBe(1);
      rmSync(host.root, { recursive: true });
    });
  });
});

const certificateNames = ["mail.alpha.example", "mx.alpha.example"];

/** Makes a key file and gives the request of that key. */
function makeTlsKey(path: string): string {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  writeFileSync(path, privateKey.export({ format: "pem", type: "pkcs8" }));
  const names = `subjectAltName=${certificateNames.map((name) => `DNS:${name}`).join(",")}`;
  const args = ["req", "-new", "-key", path, "-subj", "/", "-addext", names, "-outform", "DER"];
  return execFileSync("openssl", args).toString("base64");
}

const installed = {
  web: defaultWebSettings,
  domains: [
    {
      name: "alpha.example",
      dkimKeys: [{ selector: "ms202611b", algorithm: "ed25519", isSigning: true }],
    },
  ],
} satisfies Partial<Record<keyof TargetState, unknown>>;
const changed = {
  revision: 2,
  hostname: "mx.alpha.example",
  stack: {
    ...defaultStackSettings,
    messageSizeMaxBytes: 20_000_000,
    recipientDelimiter: "-",
    neverBanned: ["198.51.100.1"],
  },
} satisfies Partial<Record<keyof TargetState, unknown>>;

/** Whether an installation holds such a step. A new kind of step does not compile before it is named here. */
const isInstalled: Readonly<Record<StepKind, boolean>> = {
  "install-packages": true,
  "create-system-user": true,
  "create-folder": true,
  "set-hostname": true,
  "make-certificate": true,
  "make-tls-key": true,
  "install-certificates": true,
  "make-dkim-key": true,
  "destroy-dkim-key": false, // No key of a new host has ended.
  "create-directory-database": true,
  "mask-unit": false, // Nothing is switched off here.
  "apply-files": true,
  "start-unit": true,
};
const restartedUnits = ["rspamd", "dovecot", "postfix@-", "fail2ban", "nginx"];

/** In every kind of step; and after the last new file, before its service has read it or it is written down as ours. */
const tellingPoints = [
  ...Object.entries(isInstalled)
    .filter(([kind, occurs]) => occurs && kind !== "apply-files")
    .map(([kind]) => `job 1: step-begun ${kind}`),
  ...restartedUnits.flatMap((name) => [
    `job 2: step-begun apply-files:${name.replace("@-", "")}`,
    `job 2: before reload-or-restart of ${name}.service`,
    `job 2: after reload-or-restart of ${name}.service`,
  ]),
  "job 2: step-begun install-certificates",
  ...[25, 80, 443, 587, 993, 11334].map((port) => `job 2: probed ${port}`),
];

const dkimKeyPath = "/var/lib/mailstead-dkim/alpha.example.ms202611b.key";

/** All that must be the same whether the agent was killed or not, first that every service runs with the files on disk. */
function lookAt(host: FakeHost) {
  const { ledger } = loadLedger(host.path("/var/lib/mailstead/journal"));
  const { packages, units } = host.state();
  return {
    outcomes: [...ledger.jobs.values()].map(({ outcome }) => outcome?.kind),
    openSteps: [...ledger.jobs.values()].map(({ openStep }) => openStep),
    packages,
    stale: staleServices(host),
    running: Object.entries(units)
      .filter(([, unit]) => unit.isActive)
      .map(([name]) => name)
      .sort(),
    mainCf: host.read("/etc/postfix/main.cf"),
    dovecotConf: host.read("/etc/dovecot/dovecot.conf"),
    startPolicy: host.read("/usr/sbin/policy-rc.d"),
    hostname: host.read("/etc/hostname"),
    certificate: host.read("/etc/ssl/mailstead/host/certificate.pem"),
    certificateKey: host.read("/etc/ssl/mailstead/host/key.pem"),
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
