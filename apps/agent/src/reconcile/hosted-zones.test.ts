import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stackPaths } from "@mailstead/core/mail-flow";
import { noDns, type TargetDns, targetDnsSchema } from "@mailstead/core/servers";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { JobContext } from "../jobs/job-context.ts";
import { observedFrames, reportObserved } from "../observe/observed-report.ts";
import { type FakeHost, openFakeHost } from "../testing/fake-host.ts";
import { sealForTest } from "../testing/seal-for-test.ts";
import { makeIdentity, makeTarget, testServerId } from "../testing/test-identity.ts";
import { converge } from "./converge.ts";
import { renderTarget } from "./plan-target.ts";

const { identity } = makeIdentity();
const secret = "c2VjcmV0LW9mLXRoZS16b25l";
const zonePath = `${stackPaths.knotZones}/alpha.example.zone`;

const dnsWith = (text: string) =>
  targetDnsSchema.parse({
    hasServed: true,
    listenAddresses: ["198.51.100.11"],
    zones: [
      {
        role: "primary",
        name: "alpha.example",
        peerAddresses: ["198.51.100.12"],
        transferSecret: sealForTest(secret, identity.sealingKeys.publicKey),
        serial: 1_795_917_000,
        nameServers: [
          { name: "ns1.alpha.example", addresses: ["198.51.100.11"] },
          { name: "ns2.alpha.example", addresses: ["198.51.100.12"] },
        ],
        records: [{ name: "alpha.example", type: "TXT", ttlSeconds: 300, value: text }],
      },
    ],
  });

describe("a host that answers for a zone", () => {
  let host: FakeHost;
  let revision: number;
  beforeEach(() => {
    host = openFakeHost(mkdtempSync(join(tmpdir(), "zones-")));
    revision = 0;
  });
  afterEach(() => rmSync(host.root, { recursive: true, force: true }));

  async function run(dns: TargetDns) {
    revision += 1;
    const { text, args } = makeTarget({ revision, dns });
    const requests = {
      targetState: async () => text,
      directoryPage: () => Promise.reject(new Error("not asked")),
    };
    const input = { host, suite: "bookworm" as const, identity, requests };
    return await converge(input, context, { ...args, revertsDrift: false }).catch((error: Error) => error);
  }

  it("gets Knot, its zone and its secret, reads a changed record without a restart, and loses Knot with the last zone", async () => {
    expect(await run(noDns)).toMatchObject({ stepsApplied: expect.any(Number) });
    expect(host.state().packages["knot"]).toBeUndefined();
    expect(await run(dnsWith("first"))).toMatchObject({ stepsApplied: expect.any(Number) });
    expect(host.state().packages["knot"]).toBeDefined();
    expect(host.state().units["knot.service"]).toMatchObject({ isActive: true, isEnabled: true });
    expect(host.read(stackPaths.knotKeys)).toContain(secret);
    expect(await run(dnsWith("second"))).toMatchObject({ changedPaths: [zonePath] });
    expect(host.read(zonePath)).toContain('"second"');
    expect(host.state().units["knot.service"]?.restarts ?? 0).toBe(0);
    expect(await run({ ...noDns, hasServed: true })).toMatchObject({ stepsApplied: expect.any(Number) });
    expect(host.read(stackPaths.knotConf)).toBeNull();
    expect(host.read(zonePath)).toBeNull();
  });

  it("refuses a zone that Knot's own check does not pass, names its line, and goes on with the zone it has", async () => {
    await run(dnsWith("first"));
    const result = await run(dnsWith("zone-check-refuses"));
    expect(String(result)).toMatch(
      /^JobFailure: knot refuses its new configuration, so it keeps the one it has: .*line \d+ of \/etc\/knot\/mailstead-zones\/alpha\.example\.zone reads "alpha\.example\. 300 IN TXT "zone-check-refuses""$/,
    );
    expect(host.read(zonePath)).toContain('"first"');
    expect(host.state().units["knot.service"]?.reloads).toBe(0);
  });

  it("puts the zone back with which Knot served when it does not read the new one", async () => {
    await run(dnsWith("first"));
    const result = await run(dnsWith("refuses-to-serve"));
    expect(String(result)).toContain(
      "knot has not read the zone alpha.example. The previous files were put back and the service runs as before.",
    );
    expect(host.read(zonePath)).toContain('"first"');
  });

  it("leaves a Knot alone that serves zones of somebody else's", async () => {
    const byHand = 'zone:\n  - domain: customer.example\n    file: "customer.zone"\n';
    host.write(stackPaths.knotConf, byHand);
    expect(String(await run(dnsWith("first")))).toMatch(/names customer\.example.* Nothing was changed\.$/);
    expect(host.read(stackPaths.knotConf)).toBe(byHand);
  });

  it("tells the keys of its zones in a frame of their own", async () => {
    const { target } = makeTarget({ dns: dnsWith("first") });
    const stack = renderTarget({ suite: "bookworm", sealingKeys: identity.sealingKeys, target });
    const frames = observedFrames(await reportObserved(host, stack, target));
    expect(frames.map(({ report }) => report.zoneKeys)).toEqual([
      [],
      [
        {
          zone: "alpha.example",
          signers: [{ keyTag: 48918, algorithm: 13, digestType: 2, digest: "4BE1".repeat(16) }],
          keys: ["257 3 13 a3Nr"],
        },
      ],
    ]);
  });
});

const context: JobContext = {
  order: {
    formatVersion: 1,
    jobId: "0198a5e0-0000-7000-8000-000000000001",
    serverId: testServerId,
    sequence: 1,
    verb: "converge",
    args: {},
    issuedAtUnixMs: 0,
    expiresAtUnixMs: 0,
  },
  isOwn: false,
  signal: new AbortController().signal,
  report: () => undefined,
  logLine: () => undefined,
  requireGoOn: () => undefined,
  beginStep: () => undefined,
  endStep: () => undefined,
};
