import { X509Certificate } from "node:crypto";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TargetState } from "@mailstead/core/servers";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { reportObserved } from "../observe/observed-report.ts";
import { converge } from "../reconcile/converge.ts";
import { renderTarget } from "../reconcile/plan-target.ts";
import { type FakeHost, openFakeHost } from "../testing/fake-host.ts";
import { openTestAuthority, type TestAuthority } from "../testing/test-authority.ts";
import { makeIdentity, makeTarget, quietJob } from "../testing/test-identity.ts";

const { identity } = makeIdentity();
const names = ["mail.alpha.example"];
const served = "/etc/ssl/mailstead/host/certificate.pem";

describe("the certificates of a host", () => {
  let authority: TestAuthority;
  let host: FakeHost;
  let revision: number;
  beforeAll(() => {
    authority = openTestAuthority();
  });
  afterAll(() => authority.close());
  beforeEach(() => {
    host = openFakeHost(mkdtempSync(join(tmpdir(), "certificates-")));
    revision = 0;
  });
  afterEach(() => rmSync(host.root, { recursive: true, force: true }));

  async function apply(certificate: object, changes: Partial<Record<keyof TargetState, unknown>> = {}) {
    revision += 1;
    const certificates = [{ id: "host", names, keyId: "key-1", ...certificate }];
    const { text, args, target } = makeTarget({ revision, certificates, ...changes });
    const requests = {
      targetState: async () => text,
      directoryPage: async () => {
        throw new Error("not asked");
      },
    };
    const { job, told } = quietJob();
    const result = await converge({ host, suite: "bookworm", identity, requests }, job, args).catch(
      (error: Error) => error,
    );
    const stack = renderTarget({ suite: "bookworm", sealingKeys: identity.sealingKeys, target });
    return { result, told, report: await reportObserved(host, stack, target) };
  }
  const requestOf = async (keyId = "key-1") => {
    const { report } = await apply({});
    return report.certificateKeys.find((key) => key.keyId === keyId)?.request ?? "";
  };
  const serialServed = () => new X509Certificate(host.read(served) ?? "").serialNumber;
  const reloads = (unit: string) => host.state().units[unit]?.reloads ?? 0;

  it("have their key made here once, and only its request and its digest are told", async () => {
    const first = await apply({});
    expect(first.result).not.toBeInstanceOf(Error);
    const [key] = first.report.certificateKeys;
    expect(key).toMatchObject({ keyId: "key-1", spkiSha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(JSON.stringify(first)).not.toContain("PRIVATE KEY");
    const keyFile = "/var/lib/mailstead-tls/key-1.key";
    const made = host.read(keyFile);
    expect(statSync(host.path(keyFile)).mode & 0o777).toBe(0o600);
    rmSync(host.path("/var/lib/mailstead-tls/key-1.csr"));
    expect((await apply({})).report.certificateKeys[0]?.spkiSha256).toBe(key?.spkiSha256);
    expect(host.read(keyFile)).toBe(made);
    expect(host.read("/etc/postfix/main.cf")).toContain("/etc/ssl/mailstead/certificate.pem");
  });

  it("are served once they are issued, and a renewal touches no configuration", async () => {
    const request = await requestOf();
    const first = await apply({ issued: { version: "v1", chain: authority.issue(request) } });
    expect(first.result).not.toBeInstanceOf(Error);
    const mainCf = host.read("/etc/postfix/main.cf");
    expect(mainCf).toContain(`/etc/ssl/mailstead/host/key.pem, ${served}`);
    const serial = serialServed();
    const [postfix, dovecot] = [reloads("postfix@-.service"), reloads("dovecot.service")];
    const second = await apply({ issued: { version: "v2", chain: authority.issue(request) } });
    expect(second.result).toMatchObject({ stepsApplied: 1, changedPaths: ["/etc/ssl/mailstead/host"] });
    expect(serialServed()).not.toBe(serial);
    expect(host.read("/etc/postfix/main.cf")).toBe(mainCf);
    expect(reloads("postfix@-.service")).toBe(postfix + 1);
    expect(reloads("dovecot.service")).toBe(dovecot + 1);
    expect(host.state().units["dovecot.service"]?.restarts ?? 0).toBe(0);
  });

  it("are not installed when they are for another key, for other names, or not of this time", async () => {
    const request = await requestOf();
    await apply({ issued: { version: "v1", chain: authority.issue(request) } });
    const serial = serialServed();
    const other = (await apply({ next: { keyId: "key-2", names: ["mx.alpha.example"] } })).report
      .certificateKeys;
    const otherRequest = other.find(({ keyId }) => keyId === "key-2")?.request ?? "";
    const bad: [string, string][] = [
      [authority.issue(otherRequest), "issued for another key"],
      [authority.issue(request, { from: "20480101000000Z" }), "compare the clocks"],
      [authority.issue(request, { until: "20210101000000Z" }), "it ended at"],
      ["-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "it cannot be read"],
    ];
    for (const [index, [chain, sentence]] of bad.entries()) {
      const { result } = await apply({ issued: { version: `bad${index}`, chain } });
      expect(String(result)).toContain("is not installed, what served before goes on");
      expect(String(result)).toContain(sentence);
      expect(serialServed()).toBe(serial);
    }
    const { result } = await apply({
      names: ["mail.alpha.example", "imap.alpha.example"],
      issued: { version: "v3", chain: authority.issue(request) },
    });
    expect(String(result)).toContain("it is not for imap.alpha.example");
  });

  it("are put back, and the services with them, when a service does not take a new one up", async () => {
    const request = await requestOf();
    await apply({ issued: { version: "v1", chain: authority.issue(request) } });
    const serial = serialServed();
    host.write("/etc/postfix/by-hand", "refuses-to-serve");
    const { result, told } = await apply({ issued: { version: "v2", chain: authority.issue(request) } });
    expect(String(result)).toMatch(
      /The new certificate was not taken up: .* The previous certificate was put back/,
    );
    expect(told.at(-1)).toMatchObject({ kind: "step-ended", outcome: "reverted" });
    expect(serialServed()).toBe(serial);
    rmSync(host.path("/etc/postfix/by-hand"));
    await apply({ issued: { version: "v2", chain: authority.issue(request) } });
    expect(serialServed()).not.toBe(serial);
  });

  it("go on as they are while a hand edit of the configuration is kept", async () => {
    const request = await requestOf();
    await apply({ issued: { version: "v1", chain: authority.issue(request) } });
    host.write("/etc/postfix/main.cf", `${host.read("/etc/postfix/main.cf")}by_hand = yes\n`);
    const serial = serialServed();
    const { result } = await apply({ issued: { version: "v2", chain: authority.issue(request) } });
    expect(result).not.toBeInstanceOf(Error);
    expect(serialServed()).not.toBe(serial);
    expect(host.read("/etc/postfix/main.cf")).toContain("by_hand = yes");
  });
});
