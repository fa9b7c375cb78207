import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { domainNameSchema } from "@mailstead/core/domains";
import { type JobOutcome, type JobResult, type JobVerb, jobCatalog } from "@mailstead/core/jobs";
import { defaultStackSettings } from "@mailstead/core/servers";
import { dkimVerify } from "mailauth/lib/dkim/verify.js";
import { afterAll, beforeAll, expect, it } from "vitest";
import { describeLab } from "../lab/describe-lab.ts";
import type { LabHost } from "../lab/host.ts";
import type { Suite } from "../lab/image-recipes.ts";
import { type Lab, openLab } from "../lab/lab.ts";
import { waitFor } from "../lab/wait-for.ts";
import { compileAgent, ended, storyOf } from "./agent-host.ts";
import { agentCommand, ManagedHost } from "./managed-host.ts";
import { sampleTarget } from "./sample-target.ts";
import { type EnrolledAgent, TestGateway } from "./test-gateway.ts";

const labPort = 8080;
// An installation is mostly dpkg at work, which takes long on a machine that does other things too.
const installTimeoutMs = 900_000;

const agentUnit = "mailstead-agent.service";
const name = "mail1";
const bare = "bare1";

/** Declares what the agent promises as tests against real hosts of this suite: one that is worked on, one that is broken. */
export function describeAgent(title: string, suite: Suite): void {
  describeLab(title, () => {
    const gateway = new TestGateway();
    let lab: Lab;
    let folder: string;
    let agentPath: string;

    beforeAll(async () => {
      const hostPort = await gateway.listen();
      gateway.publicUrl = `http://control.lab:${labPort}`;
      folder = mkdtempSync(join(tmpdir(), "agent-"));
      agentPath = await compileAgent(folder);
      lab = await openLab({
        hosts: [
          { name, suite },
          { name: bare, suite },
        ],
        zones: ["alpha.example"],
        expose: [{ labPort, hostPort }],
        receivers: false,
      });
    });
    afterAll(async () => {
      await lab?.close();
      await gateway.close();
      rmSync(folder, { recursive: true, force: true });
    });

    let host: LabHost;
    let server: ManagedHost;
    let agent: EnrolledAgent;

    beforeAll(() => {
      host = lab.host(name);
    });

    it("refuses a token that is no token, is not known, was used or has expired, each in one sentence", async () => {
      await host.copyIn(agentPath, agentCommand, { mode: "755" });
      const enrol = async (token: string, url = `${gateway.publicUrl}#plain-http`) => {
        const { code, stderr } = await host.exec([agentCommand, "enrol", "--token", token, "--url", url]);
        expect(code).toBe(1);
        return stderr.trim();
      };
      expect(await enrol("nonsense")).toMatch(/^This is not an enrolment token\./);
      expect(await enrol(gateway.makeToken("used").token)).toMatch(/^This token has been used/);
      expect(await enrol(gateway.makeToken("expired").token)).toMatch(/^This token has expired/);
      const good = gateway.makeToken().token;
      const otherKey = good.replace(/[^.]+$/, createHash("sha256").update("other").digest("base64url"));
      expect(await enrol(otherKey)).toMatch(/^This token is not known/);
      expect(await enrol(good, gateway.publicUrl)).toMatch(
        /is not encrypted; a token must travel over https/,
      );
      expect((await host.exec([agentCommand, "run"])).stderr).toMatch(/^This host is not enrolled/);
    });

    it("comes online and says what the host is", async () => {
      server = await ManagedHost.enrol({ lab, gateway, host, agentPath });
      agent = server.agent;
      expect(agent.facts).toMatchObject({
        suite: host.description.suite,
        services: [],
        queueSizeMessages: null,
      });
    });

    it("is confined by its unit, of which this systemd knows every line", async () => {
      const verified = await host.exec(["systemd-analyze", "verify", `/etc/systemd/system/${agentUnit}`]);
      expect(verified.stdout + verified.stderr).not.toContain(`${agentUnit}:`);
      const shown = await host.must(["systemctl", "show", "--property=MainPID", "--value", agentUnit]);
      const status = await host.must(["cat", `/proc/${shown.trim()}/status`]);
      expect(status).toMatch(/^NoNewPrivs:\s+1$/m);
      const capabilities = BigInt(`0x${/^CapBnd:\s+(\w+)$/m.exec(status)?.[1]}`);
      for (const [capability, number] of Object.entries({ netAdmin: 12n, sysModule: 16n, mknod: 27n }))
        expect((capabilities >> number) & 1n, capability).toBe(0n);
    });

    it("waits for the lock of another apt and says so", { timeout: installTimeoutMs }, async () => {
      const fault = await lab.faults.holdAptLock(host);
      const job = server.orderConverge();
      try {
        await waitFor("the job to tell of the lock", () => /lock/i.test(storyOf(job)), { timeoutMs: 60_000 });
      } finally {
        await fault.end();
      }
      expect((await ended(job)).outcome, storyOf(job)).toMatchObject({ kind: "succeeded" });
    });

    it("has installed a stack that serves, without ever having started one that was not configured", async () => {
      expect(await server.servesMail()).toBe(true);
      expect((await host.exec([agentCommand, "verify"])).code).toBe(0);
      expect((await host.exec(["ls", "/usr/sbin/policy-rc.d"])).code).not.toBe(0);
      const starts = await host.must(["journalctl", "--no-pager", "--output=cat", "_COMM=master"]);
      expect(starts.match(/daemon started/g) ?? []).toHaveLength(1);
    });

    it("finds nothing to do the second time", async () => {
      await server.converge();
      const { outcome } = await server.converge();
      expect(outcome).toMatchObject({ kind: "succeeded", result: { stepsApplied: 0, changedPaths: [] } });
      console.log(`${suite}: a converge without a change ${JSON.stringify(outcome)}`);
    });

    it("reports the public halves of the DKIM keys that it made", async () => {
      await waitFor("the report", () => agent.report?.dkimPublicKeys.length === 2);
      expect(agent.report?.dkimPublicKeys.map(({ algorithm }) => algorithm).sort()).toEqual([
        "ed25519",
        "rsa-2048",
      ]);
    });

    it("signs a message with each DKIM key as a receiver verifies it, and tells with which of them Rspamd signs", async () => {
      const domain = domainNameSchema.parse("alpha.example");
      const selectors = ["ms202611a", "ms202611b"];
      const { outcome } = await ended(
        gateway.order(agent.serverId, {
          verb: "test-signature",
          args: { domain, selectors },
        }),
      );
      const { signatures, signsWith } = resultOf("test-signature", outcome);
      expect(signsWith?.toSorted()).toEqual(selectors);
      const keys = agent.report?.dkimPublicKeys ?? [];
      const resolver = async (queried: string) => {
        const key = keys.find(({ selector }) => queried.startsWith(`${selector}.`));
        return [[`v=DKIM1; k=${key?.algorithm === "ed25519" ? "ed25519" : "rsa"}; p=${key?.publicKey}`]];
      };
      for (const { selector, message } of signatures)
        expect((await dkimVerify(message, { resolver })).results).toMatchObject([
          { selector, status: { result: "pass" } },
        ]);
      expect(signatures).toHaveLength(2);
      const sent = await host.must(["journalctl", "--no-pager", "--output=cat", "--identifier=postfix/smtp"]);
      expect(sent).not.toContain("postmaster@alpha.example");
    });

    it("shows a file that was edited by hand as drift and leaves it, until it is told to revert", async () => {
      await host.must(["sh", "-c", "echo '# by hand' >> /etc/postfix/main.cf"]);
      const kept = await server.converge();
      expect(kept.outcome).toMatchObject({ kind: "succeeded", result: { stepsApplied: 0 } });
      await waitFor("the drift", () => agent.report?.drift.length === 1);
      expect(agent.report?.drift[0]).toMatchObject({ path: "/etc/postfix/main.cf", kind: "changed" });
      expect(agent.report?.drift[0]?.diff).toContain("+# by hand");
      expect((await host.exec([agentCommand, "verify"])).code).toBe(1);
      await server.converge({}, true);
      expect(await host.readFile("/etc/postfix/main.cf")).not.toContain("by hand");
      await waitFor("the drift to end", () => agent.report?.drift.length === 0);
    });

    it("puts back by itself what is edited by hand, where the policy says revert", async () => {
      await server.converge({ driftPolicy: "revert" });
      const before = await host.readFile("/etc/postfix/main.cf");
      await host.must(["sh", "-c", "echo '# by hand' >> /etc/postfix/main.cf"]);
      // It looks every few minutes; asking for facts has it look now.
      await ended(gateway.order(agent.serverId, { verb: "refresh-facts", args: {} }));
      await waitFor("the edit to be gone", async () =>
        (await host.readFile("/etc/postfix/main.cf")) === before ? true : undefined,
      );
      await waitFor("the drift to end", () => agent.report?.drift.length === 0);
      expect(await server.servesMail()).toBe(true);
      await server.converge();
    });

    it("refuses a target state that is older than the one it holds, although it is signed", async () => {
      const older = gateway.setTarget(
        agent.serverId,
        sampleTarget(agent.serverId, { revision: 1, hostname: `${name}.fleet.example` }),
      );
      const job = gateway.order(agent.serverId, { verb: "converge", args: { ...older, revertsDrift: true } });
      expect((await ended(job)).refused).toMatchObject({ reason: "superseded" });
    });

    it("renames the host everywhere at once, and back", async () => {
      const { hostname } = host.description;
      expect((await server.converge({ hostname: "mx.alpha.example" })).outcome).toMatchObject({
        kind: "succeeded",
      });
      expect((await host.must(["hostname", "--fqdn"])).trim()).toBe("mx.alpha.example");
      expect((await host.must(["postconf", "-h", "myhostname"])).trim()).toBe("mx.alpha.example");
      const subject = await host.must([
        "openssl",
        "x509",
        "-noout",
        "-subject",
        "-in",
        "/etc/ssl/mailstead/certificate.pem",
      ]);
      expect(subject).toContain("mx.alpha.example");
      expect((await server.converge({ hostname })).outcome).toMatchObject({ kind: "succeeded" });
      expect((await host.must(["hostname", "--fqdn"])).trim()).toBe(hostname);
      expect(await server.servesMail()).toBe(true);
    });

    it("lets an address in again that the brute-force guard shut out", async () => {
      const jail = /Jail list:\s*([\w-]+)/.exec(await host.must(["fail2ban-client", "status"]))?.[1] ?? "";
      await host.must(["fail2ban-client", "set", jail, "banip", "203.0.113.9"]);
      const unban = () =>
        ended(gateway.order(agent.serverId, { verb: "unban-address", args: { address: "203.0.113.9" } }));
      expect((await unban()).outcome).toEqual({ kind: "succeeded", result: { wasBanned: true } });
      expect((await unban()).outcome).toEqual({ kind: "succeeded", result: { wasBanned: false } });
    });

    it("does nothing that the owner's policy file forbids, and reads it anew for every job", async () => {
      const restart = () =>
        ended(gateway.order(agent.serverId, { verb: "restart-service", args: { service: "dovecot" } }));
      await host.writeFile("/etc/mailstead/policy.json", '{"deny": ["restart-service"]}');
      expect((await restart()).refused).toMatchObject({ reason: "vetoed-by-owner" });
      await host.writeFile("/etc/mailstead/policy.json", "{ deny: ");
      expect((await restart()).refused?.sentence).toMatch(/policy\.json cannot be understood/);
      await host.must(["rm", "/etc/mailstead/policy.json"]);
      expect((await restart()).outcome).toMatchObject({ kind: "succeeded" });
    });

    it("takes 10,000 mailboxes in one go and one change by itself, and they work at once", async () => {
      const hash = "{ARGON2ID}$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$aGFzaGhhc2hoYXNoaGFzaA";
      const mailbox = (number: number) => ({
        op: "upsert" as const,
        entryKind: "mailbox" as const,
        key: `user${number}@alpha.example`,
        entry: {
          kind: "mailbox" as const,
          mailboxId: `0193a5b0-7c1e-7000-8000-${String(number).padStart(12, "0")}`,
          address: `user${number}@alpha.example` as never,
          passwordHash: hash,
          quotaBytes: 0,
          isEnabled: true,
        },
      });
      const domain = {
        op: "upsert" as const,
        entryKind: "domain" as const,
        key: "alpha.example",
        entry: { kind: "domain" as const, name: "alpha.example" as never },
      };
      const sync = async (args: ReturnType<TestGateway["changeDirectory"]>) => {
        const { outcome } = await ended(gateway.order(agent.serverId, { verb: "sync-directory", args }));
        expect(outcome).toMatchObject({ kind: "succeeded" });
        return (outcome as { result: { changesApplied: number; tookMs: number } }).result;
      };
      const mailboxes = Array.from({ length: 10_000 }, (_, index) => mailbox(index));
      const full = await sync(gateway.changeDirectory(agent.serverId, [domain, ...mailboxes]));
      expect(full.changesApplied).toBe(10_001);
      const one = await sync(gateway.changeDirectory(agent.serverId, [mailbox(10_000)]));
      expect(one.changesApplied).toBe(1);
      const found = await host.must([
        "postmap",
        "-q",
        "user10000@alpha.example",
        "sqlite:/etc/postfix/mailstead/mailboxes.cf",
      ]);
      expect(found.trim()).toBe("user10000@alpha.example");
      expect(await host.must(["doveadm", "user", "user10000@alpha.example"])).toContain("/var/vmail/");
      console.log(
        `${suite}: 10,000 mailboxes in ${Math.round(full.tookMs)} ms, one in ${Math.round(one.tookMs)} ms`,
      );
    });

    it("writes nothing of a directory whose chain is not the signed one", async () => {
      const args = gateway.changeDirectory(agent.serverId, [
        { op: "delete", entryKind: "mailbox", key: "user1@alpha.example" },
      ]);
      const forged = { ...args, chain: "0".repeat(64) };
      const job = await ended(gateway.order(agent.serverId, { verb: "sync-directory", args: forged }));
      expect(job.outcome).toMatchObject({ kind: "failed" });
      const found = await host.must([
        "postmap",
        "-q",
        "user1@alpha.example",
        "sqlite:/etc/postfix/mailstead/mailboxes.cf",
      ]);
      expect(found.trim()).toBe("user1@alpha.example");
    });

    it("goes on after the host was rebooted in the middle of a converge", async () => {
      const job = server.orderConverge({
        stack: { ...defaultStackSettings, messageSizeMaxBytes: 31_000_000 },
      });
      await waitFor("a step to begin", () => job.events.some(({ body }) => body.kind === "step-started"), {
        intervalMs: 5,
      });
      await host.reboot();
      await ended(job, 120_000);
      expect(job.outcome, storyOf(job)).toMatchObject({ kind: "succeeded" });
      expect(await host.must(["postconf", "-h", "message_size_limit"])).toBe("31000000\n");
    });

    it("is small and quiet when it has nothing to do", async () => {
      const pid = (
        await host.must(["systemctl", "show", "--property=MainPID", "--value", "mailstead-agent"])
      ).trim();
      const rss = async () =>
        Number(/VmRSS:\s+(\d+)/.exec(await host.must(["cat", `/proc/${pid}/status`]))?.[1]) / 1024;
      await waitFor("the agent to rest", async () => (await rss()) <= 32, {
        timeoutMs: 60_000,
        intervalMs: 1000,
      });
      console.log(`${suite}: idle RSS ${(await rss()).toFixed(1)} MiB`);
    });

    it("leaves a working mail server when it is uninstalled", async () => {
      await host.writeFile("/etc/mailstead/policy.json", '{"deny": ["preview"]}');
      await host.must([agentCommand, "uninstall", "--yes"]);
      expect(await server.isUp("mailstead-agent")).toBe(false);
      expect((await host.exec(["ls", agentCommand, "/var/lib/mailstead"])).stdout).toBe("");
      expect((await host.exec(["ls", "/etc/mailstead"])).stdout).toBe("policy.json\n");
      await host.reboot();
      await waitFor("the mail server to serve", () => server.servesMail());
    });

    it("ends an installation that apt failed in half way with apt's own line, and mends it although it is killed meanwhile", {
      timeout: installTimeoutMs,
    }, async () => {
      host = lab.host(bare);
      server = await ManagedHost.enrol({ lab, gateway, host, agentPath });
      const fault = await lab.faults.failDpkg(host, "configure");
      const job = await server.converge();
      await fault.end();
      expect(job.outcome, storyOf(job)).toMatchObject({ kind: "failed" });
      expect(job.outcome?.kind === "failed" ? job.outcome.problem : "").toMatch(/apt-get said: .*(E:|dpkg)/);
      const again = server.orderConverge();
      const packageWork = `systemctl is-active --quiet "mailstead-packages-${again.jobId}.service"`;
      await waitFor("dpkg to work", async () => (await host.exec(["sh", "-c", packageWork])).code === 0);
      await host.must(["systemctl", "kill", "--signal=KILL", "--kill-whom=all", "mailstead-agent.service"]);
      expect((await host.exec(["sh", "-c", packageWork])).code).toBe(0);
      await ended(again);
      expect(again.outcome, storyOf(again)).toMatchObject({ kind: "succeeded" });
      expect(await host.must(["dpkg", "--audit"])).toBe("");
    });

    it("refuses a host on which another mail server lives, before anything on it is changed", {
      timeout: installTimeoutMs,
    }, async () => {
      await host.must([agentCommand, "uninstall", "--yes"]);
      await host.must(["apt-get", "purge", "-y", "postfix", "postfix-sqlite"], { timeoutMs: 120_000 });
      await host.must(["apt-get", "install", "-y", "--no-install-recommends", "exim4-daemon-light"], {
        timeoutMs: 120_000,
      });
      server = await ManagedHost.enrol({ lab, gateway, host, agentPath });
      const job = await server.converge();
      expect(job.outcome?.kind === "failed" ? job.outcome.problem : "").toMatch(
        /^Another mail server, exim4-daemon-light .* Nothing was changed\.$/,
      );
      expect((await host.exec(["dpkg", "-s", "exim4-daemon-light"])).stdout).toContain(
        "install ok installed",
      );
    });
  });
}

function resultOf<V extends JobVerb>(verb: V, outcome: JobOutcome | null): JobResult<V> {
  if (outcome?.kind !== "succeeded") throw new Error(`${verb} did not succeed: ${JSON.stringify(outcome)}`);
  return jobCatalog[verb].result.parse(outcome.result) as JobResult<V>;
}
