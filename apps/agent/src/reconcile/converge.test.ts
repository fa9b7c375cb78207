import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defaultStackSettings, noOverrides, type TargetState } from "@mailstead/core/servers";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findDrift } from "../observe/drift.ts";
import { readSigningKeysGone } from "../observe/signing-keys.ts";
import { type FakeHost, openFakeHost } from "../testing/fake-host.ts";
import { makeIdentity, makeTarget, quietJob } from "../testing/test-identity.ts";
import { converge } from "./converge.ts";
import { renderTarget } from "./plan-target.ts";

const { identity } = makeIdentity();

describe("a converge", () => {
  let host: FakeHost;
  beforeEach(() => {
    host = openFakeHost(mkdtempSync(join(tmpdir(), "converge-")));
  });
  afterEach(() => rmSync(host.root, { recursive: true, force: true }));

  async function run(changes: Partial<Record<keyof TargetState, unknown>> = {}, revertsDrift = false) {
    const { text, args } = makeTarget(changes);
    const { job, told } = quietJob();
    const requests = {
      targetState: async () => text,
      directoryPage: async () => {
        throw new Error("not asked");
      },
    };
    const input = { host, suite: "bookworm" as const, identity, requests };
    const result = await converge(input, job, { ...args, revertsDrift }).catch((error: Error) => error);
    return { result, told };
  }

  it("installs everything and finds nothing left to do", async () => {
    const first = await run();
    expect(first.result).toMatchObject({ stepsApplied: expect.any(Number) });
    expect(first.told.filter((body) => body.kind === "log" && body.level === "warning")).toEqual([]);
    const second = await run();
    expect(second.result).toMatchObject({ stepsApplied: 0, changedPaths: [] });
    expect(second.told).toEqual([]);
  });

  it.each(["postfix is installed", "postfix was removed"])(
    "leaves a host alone whose Postfix somebody set up by hand, and goes on once that was moved away: %s",
    async (how) => {
      const byHand = "mydestination = $myhostname, customer.example\nrelayhost = [smtp.example]:587\n";
      host.write("/etc/postfix/main.cf", byHand);
      const packages = how === "postfix is installed" ? { postfix: "3.7.11-0+deb12u1" } : {};
      host.write("/fake-state.json", JSON.stringify({ ...host.state(), packages }));
      const { result, told } = await run();
      expect(String(result)).toMatch(
        /^JobFailure: Postfix on this host was set up by hand \(.* sets mydestination, relayhost\).* Nothing was changed\.$/,
      );
      expect(told).toEqual([]);
      expect(host.read("/etc/postfix/main.cf")).toBe(byHand);
      rmSync(host.path("/etc/postfix/main.cf"));
      expect((await run()).result).toMatchObject({ stepsApplied: expect.any(Number) });
    },
  );

  it("leads nobody to a resolver that gets no answer, and goes on once it does", async () => {
    const forwarders = "/etc/unbound/mailstead.conf.d/forward.conf";
    host.write(forwarders, "refuses-to-serve");
    const { result } = await run();
    expect(String(result)).toMatch(/mailstead-resolver\.service could not be started: .*no valid answer/);
    expect(host.read("/etc/postfix/main.cf")).toBe("# as Debian ships it\n");
    expect(host.state().units["postfix@-.service"]?.isActive ?? false).toBe(false);
    rmSync(host.path(forwarders));
    expect((await run()).result).toMatchObject({ stepsApplied: expect.any(Number) });
    expect(host.read("/etc/postfix/main.cf")).toContain("smtp_dns_support_level = dnssec");
  });

  it("goes on with a host that Mailstead ran before, although nothing of the agent's own is left there", async () => {
    await run();
    rmSync(host.path("/var/lib/mailstead"), { recursive: true });
    const { result } = await run({
      revision: 2,
      stack: { ...defaultStackSettings, ipFamilies: "ipv4-only" },
    });
    expect(result).toMatchObject({ changedPaths: expect.arrayContaining(["/etc/postfix/main.cf"]) });
  });

  it("leaves what was edited by hand as the policy says, and puts it back when it is told to", async () => {
    await run();
    const written = host.read("/etc/postfix/main.cf");
    host.write("/etc/postfix/main.cf", `${written}by_hand = yes\n`);
    expect((await run()).result).toMatchObject({ stepsApplied: 0 });
    const stack = renderTarget({
      suite: "bookworm",
      sealingKeys: identity.sealingKeys,
      target: makeTarget().target,
    });
    const drift = await findDrift(host, stack);
    expect(drift).toHaveLength(1);
    expect(drift[0]?.diff).toContain("+by_hand = yes");
    await run({}, true);
    expect(host.read("/etc/postfix/main.cf")).toBe(written);
    expect(await findDrift(host, stack)).toEqual([]);
  });

  it.each(["📬".repeat(40_000), `a${"📬".repeat(40_000)}`])(
    "shows drift that is too long cut between two characters",
    async (text) => {
      await run();
      host.write("/etc/postfix/main.cf", `${host.read("/etc/postfix/main.cf")}${text}\n`);
      const stack = renderTarget({
        suite: "bookworm",
        sealingKeys: identity.sealingKeys,
        target: makeTarget().target,
      });
      const [drift] = await findDrift(host, stack);
      expect(drift?.diff.length).toBeGreaterThan(65_000);
      expect(drift?.diff.isWellFormed()).toBe(true);
    },
  );

  it("never shows a credential, neither in a change nor in drift", async () => {
    const secretFile = "/etc/postfix/mailstead/relay-passwords";
    await run();
    host.write(secretFile, "smarthost.example user:hunter2\n");
    const { told } = await run({}, true);
    expect(JSON.stringify(told)).not.toContain("hunter2");
  });

  it("refuses an override that a service's own check does not pass, naming the line, and touches nothing", async () => {
    await run();
    const before = host.read("/etc/postfix/main.cf");
    const { result } = await run({
      revision: 2,
      overrides: { ...noOverrides, postfixMain: ["message_size_limit = a-lot"] },
    });
    expect(String(result)).toMatch(
      /keeps the one it has: .*main\.cf, line \d+: .*message_size_limit = a-lot/,
    );
    expect(host.read("/etc/postfix/main.cf")).toBe(before);
    expect(host.state().units["postfix@-.service"]?.reloads).toBe(0);
  });

  it.each([
    { ...noOverrides, dovecot: "verbose_proctitle = yes\nservice x {\nuser = root\n}\n" },
    { ...noOverrides, postfixMain: ["smtpd_banner = x", "mailbox_command = /bin/sh"] },
    { ...noOverrides, rspamd: { "local.d/actions.conf": 'reject = 1;\nlua = "/tmp/x";\n' } },
  ])(
    "refuses by itself an override that reaches a program, although a signed order asks for it: %j",
    async (overrides) => {
      await run();
      const before = JSON.stringify(host.state());
      const { result, told } = await run({ revision: 2, overrides });
      expect(String(result)).toMatch(/Line 2 of the .* override/);
      expect(told).toEqual([]);
      expect(JSON.stringify(host.state())).toBe(before);
    },
  );

  it("leaves the host alone when its owner forbids the overrides that it is to take", async () => {
    await run();
    host.write("/etc/mailstead/policy.json", '{"denyOverrides": ["postfix"]}');
    const before = host.read("/etc/postfix/main.cf");
    const changes = { revision: 2, overrides: { ...noOverrides, postfixMain: ["smtpd_banner = mine"] } };
    expect(String((await run(changes)).result)).toMatch(
      /^JobFailure: Nothing was changed: the owner of this host forbids overrides of postfix in .*policy\.json\.$/,
    );
    expect(host.read("/etc/postfix/main.cf")).toBe(before);
    host.write("/etc/mailstead/policy.json", "{}");
    expect((await run(changes)).result).toMatchObject({ stepsApplied: 1 });
  });

  it("puts the old files back, and the services with them, when the new ones do not serve", async () => {
    await run();
    const before = host.read("/etc/postfix/main.cf");
    const { result, told } = await run({
      revision: 2,
      overrides: { ...noOverrides, postfixMain: ["smtpd_banner = refuses-to-serve"] },
    });
    expect(String(result)).toMatch(
      /postfix did not serve .* The previous files were put back and the service runs as before\./,
    );
    expect(host.read("/etc/postfix/main.cf")).toBe(before);
    expect(told.at(-1)).toMatchObject({ kind: "step-ended", outcome: "reverted" });
    expect((await run({ revision: 3 })).result).toMatchObject({ stepsApplied: 0 });
  });

  it("restarts a service again for its old files when the new ones needed a restart", async () => {
    await run();
    const restarts = () => host.state().units["postfix@-.service"]?.restarts ?? 0;
    const before = restarts();
    const stack = { ...defaultStackSettings, ipFamilies: "ipv4-only" };
    const overrides = { ...noOverrides, postfixMain: ["smtpd_banner = refuses-to-serve"] };
    const { result } = await run({ revision: 2, stack, overrides });
    expect(String(result)).toContain("postfix did not serve");
    expect(restarts()).toBe(before + 2);
  });

  describe("of a host that serves documents", () => {
    const serving = (imprint: string, acmeThumbprint: string | null = null) => ({
      web: { isEnabled: true, acmeThumbprint, imprint },
    });
    const page = "/etc/nginx/mailstead/page/index.html";

    it("has nginx judge its configuration aside and keeps the one it has when nginx refuses it", async () => {
      await run(serving("before"));
      const { result } = await run({ revision: 2, ...serving("refuses-to-parse") });
      expect(String(result)).toMatch(/nginx refuses its new configuration, so it keeps .*\[emerg\] unknown/);
      expect(host.read(page)).toContain("before");
      expect(host.state().units["nginx.service"]?.reloads).toBe(0);
    });

    it("puts the old documents back when nginx does not serve with the new ones", async () => {
      await run(serving("before"));
      const { result, told } = await run({ revision: 2, ...serving("refuses-to-serve") });
      expect(String(result)).toMatch(
        /nginx did not serve .* The previous files were put back and the service runs as before\./,
      );
      expect(host.read(page)).toContain("before");
      expect(told.at(-1)).toMatchObject({ kind: "step-ended", outcome: "reverted" });
      expect(host.state().units["nginx.service"]).toMatchObject({ isActive: true, reloads: 2 });
      expect(host.state().units["nginx.service"]?.restarts ?? 0).toBe(0);
    });

    it("stops nginx and takes its files away when the host is to serve nothing any more, and can serve again", async () => {
      await run(serving("here"));
      const off = { web: { ...serving("here").web, isEnabled: false } };
      expect((await run({ revision: 2, ...off })).result).toMatchObject({ stepsApplied: 3 });
      expect(host.read("/etc/nginx/nginx.conf")).toBeNull();
      expect(host.state().units["nginx.service"]?.isActive).toBe(false);
      expect((await run({ revision: 3, ...off })).result).toMatchObject({ stepsApplied: 0 });
      await run({ revision: 4, ...serving("here") });
      expect(host.state().units["nginx.service"]?.isActive).toBe(true);
    });

    it("writes anew what somebody deleted, although its own nginx holds the ports meanwhile", async () => {
      await run(serving("here"));
      rmSync(host.path("/etc/nginx"), { recursive: true });
      host.write("/proc/net/tcp", "sl\n 0: 00000000:01BB 0:0 0A 0\n");
      expect((await run(serving("here"), true)).result).toMatchObject({ stepsApplied: expect.any(Number) });
      expect(host.read(page)).toContain("here");
    });

    it("leaves alone what the host's owner serves by nginx or on its ports, and says how to go on", async () => {
      host.write("/etc/nginx/sites-enabled/shop.conf", "server {}");
      host.write("/etc/nginx/nginx.conf", "# the owner's\n");
      const refused = /or switch off the web service in the settings of this server\. Nothing was changed\.$/;
      expect(String((await run(serving("x"))).result)).toMatch(
        /serves \/etc\/nginx\/sites-enabled\/shop\.conf/,
      );
      rmSync(host.path("/etc/nginx/sites-enabled/shop.conf"));
      host.write("/proc/net/tcp6", "sl\n 0: 00000000000000000000000000000000:01BB 0:0 0A 0\n");
      const { result, told } = await run(serving("x"));
      expect(String(result)).toMatch(/Another program listens on port 443/);
      expect(String(result)).toMatch(refused);
      expect(told).toEqual([]);
      expect(host.read("/etc/nginx/nginx.conf")).toBe("# the owner's\n");
      // A host that is to serve nothing leaves the owner's nginx running.
      host.write(
        "/fake-state.json",
        JSON.stringify({
          ...host.state(),
          units: { "nginx.service": { isActive: true, isEnabled: true, starts: 1, reloads: 0 } },
        }),
      );
      await run({ web: { ...serving("x").web, isEnabled: false } });
      expect(host.state().units["nginx.service"]?.isActive).toBe(true);
    });
  });

  it("never goes back to an older revision, although its journal was lost and the order is signed", async () => {
    await run({ revision: 3, overrides: { ...noOverrides, postfixMain: ["smtpd_banner = new"] } });
    const before = host.read("/etc/postfix/main.cf");
    expect(String((await run({ revision: 2 })).result)).toMatch(/is at revision 3 .* does not go back to 2/);
    expect(host.read("/etc/postfix/main.cf")).toBe(before);
  });

  it("never makes a DKIM key anew", async () => {
    await run();
    const path = "/var/lib/mailstead-dkim/alpha.example.ms202611b.key";
    const key = host.read(path);
    expect(Buffer.from(key ?? "", "base64")).toHaveLength(64);
    host.write("/var/lib/mailstead/applied.json", "{}");
    await run({}, true);
    expect(host.read(path)).toBe(key);
  });

  it("leaves mail unsigned rather than sign it with another key under the name of one that is gone, and says so", async () => {
    await run();
    expect(await readSigningKeysGone(host)).toEqual([]);
    const path = "/var/lib/mailstead-dkim/alpha.example.ms202611b.key";
    rmSync(host.path(path));
    expect((await run({ revision: 2 }, true)).result).toMatchObject({ stepsApplied: 0 });
    expect(host.read(path)).toBeNull();
    expect(await readSigningKeysGone(host)).toEqual(["ms202611b._domainkey.alpha.example"]);
  });
});
