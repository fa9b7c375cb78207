import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type HealthCheck,
  type HealthCheckId,
  type MailHealth,
  mailHealthSchema,
} from "@mailstead/core/updates";
import { afterAll, afterEach, beforeAll, expect, it, onTestFinished } from "vitest";
import { describeLab } from "../lab/describe-lab.ts";
import type { LabHost } from "../lab/host.ts";
import type { Suite } from "../lab/image-recipes.ts";
import { type Lab, openLab } from "../lab/lab.ts";
import { waitFor } from "../lab/wait-for.ts";
import { compileAgent, ended, storyOf } from "./agent-host.ts";
import { ManagedHost } from "./managed-host.ts";
import { TestGateway } from "./test-gateway.ts";

const labPort = 8080;
const domain = "alpha.example";
// Hosts have no sqlite3, but Python, which fail2ban brings.
const countRows = `
import sqlite3
db = sqlite3.connect("file:/var/lib/mailstead-directory/directory.sqlite?mode=ro", uri=True)
tables = {"domains": "name", "mailboxes": "address", "aliases": "address"}
print(sum(db.execute(f"select count(*) from {t} where {c} like '%probe%'").fetchone()[0] for t, c in tables.items()))
`;

/** Declares what a real host says of its own mail, whole and broken, and that nothing of the trying is left. */
export function describeMailCheck(title: string, suite: Suite): void {
  describeLab(title, () => {
    const gateway = new TestGateway();
    let lab: Lab;
    let folder: string;
    let host: LabHost;
    let server: ManagedHost;

    beforeAll(async () => {
      const hostPort = await gateway.listen();
      gateway.publicUrl = `http://control.lab:${labPort}`;
      folder = mkdtempSync(join(tmpdir(), "agent-"));
      const agentPath = await compileAgent(folder);
      lab = await openLab({
        hosts: [{ name: "mail1", suite, image: "stack" }],
        zones: [domain],
        expose: [{ labPort, hostPort }],
        receivers: false,
      });
      host = lab.host("mail1");
      server = await ManagedHost.enrol({ lab, gateway, host, agentPath });
      const job = await server.converge();
      expect(job.outcome, storyOf(job)).toMatchObject({ kind: "succeeded" });
      await server.makeMailbox();
    });
    afterAll(async () => {
      await lab?.close();
      await gateway.close();
      rmSync(folder, { recursive: true, force: true });
    });
    afterEach(expectNothingLeft);

    async function check(): Promise<MailHealth> {
      const job = await ended(gateway.order(server.agent.serverId, { verb: "check-mail", args: {} }));
      if (job.outcome?.kind !== "succeeded") throw new Error(JSON.stringify(job.outcome ?? job.refused));
      return mailHealthSchema.parse(job.outcome.result);
    }

    async function expectNothingLeft(): Promise<void> {
      expect(await host.must(["python3", "-c", countRows])).toBe("0\n");
      expect(await host.must(["sh", "-c", "ls /var/vmail | grep -c probe || true"])).toBe("0\n");
      expect(await host.must(["sh", "-c", "postqueue -j | grep -c probe || true"])).toBe("0\n");
    }

    /** Shows the host's DKIM keys in DNS, or what is made of them. */
    async function publishKeys(textOf = (text: string) => text): Promise<void> {
      const keys = await waitFor("the keys to be told", () => {
        const told = server.agent.report?.dkimPublicKeys;
        return told !== undefined && told.length > 0 ? told : undefined;
      });
      for (const { selector, algorithm, publicKey } of keys) {
        const kind = algorithm === "ed25519" ? "ed25519" : "rsa";
        const parts = textOf(`v=DKIM1; k=${kind}; p=${publicKey}`).match(/.{1,250}/g) ?? [];
        await lab.dns.setRecords(domain, [
          {
            name: `${selector}._domainkey.${domain}`,
            type: "TXT",
            records: [parts.map((part) => `"${part}"`).join(" ")],
          },
        ]);
      }
      // It keeps for a while what it was told, also that there is nothing.
      await host.must(["systemctl", "restart", "mailstead-resolver.service"]);
    }

    it("says unknown, and not bad, of the signature while no key is in DNS", async () => {
      const health = await check();
      expect(stateOf(health)).toEqual({ ...allOk, signature: "unknown" });
      expect(sentenceOf(health, "signature")).toMatch(/DNS shows no key under/);
    });

    it("says ok of everything on a good host", async () => {
      await publishKeys();
      const health = await waitFor("the key to be seen", async () => {
        const now = await check();
        return stateOf(now).signature === "ok" ? now : undefined;
      });
      expect(stateOf(health), JSON.stringify(health)).toEqual(allOk);
      expect(sentenceOf(health, "loopback")).toMatch(
        /went through Postfix, Rspamd and Dovecot and was read by IMAP after/,
      );
      expect(sentenceOf(health, "signature")).toMatch(
        /ms202611a and ms202611b verifies by the key in DNS\.$/,
      );
      expect(health.figures.queueMessages).toBe(0);
      expect(health.figures.recent).toMatchObject({ sent: 0, deferred: 0, bounced: 0 });
    });

    it("counts a letter of a person in its figures, and tells the control plane of none of its own", async () => {
      await server.carriesLetter("a person's");
      const health = await waitFor("the log to be read", async () => {
        const now = await check();
        return now.figures.recent?.sent === 1 ? now : undefined;
      });
      expect(health.figures.recent).toMatchObject({ deferred: 0, bounced: 0 });
      const told = () => JSON.stringify(server.agent.telemetry);
      await waitFor("the letter to be told", () => (told().includes('"attempts":1') ? true : undefined));
      expect(told()).not.toMatch(/probe|mailstead\.invalid/);
      const attempts = server.agent.telemetry.flatMap(({ stream, batch }) =>
        stream === "delivery" ? ((batch as { counts: { attempts: number }[] }).counts ?? []) : [],
      );
      expect(attempts.reduce((sum, { attempts: one }) => sum + one, 0)).toBe(1);
      const args = { domain, visibleDomains: null };
      const trace = await ended(gateway.order(server.agent.serverId, { verb: "trace-message", args }));
      expect(JSON.stringify(trace.outcome)).toContain("ann@alpha.example");
      expect(JSON.stringify(trace.outcome)).not.toMatch(/mailstead-probe|mailstead\.invalid/);
    });

    it("says where a letter stops while Dovecot is down", async () => {
      await host.must(["systemctl", "stop", "dovecot.service"]);
      const health = await check();
      await host.must(["systemctl", "start", "dovecot.service"]);
      expect(stateOf(health)).toMatchObject({
        units: "bad",
        "sign-in": "bad",
        loopback: "bad",
        signature: "unknown",
      });
      expect(sentenceOf(health, "units")).toContain("dovecot.service does not run");
      expect(sentenceOf(health, "loopback")).toMatch(/stops before Postfix's queue: Port 587 /);
      expect(faultsOf(health, "sign-in")).toEqual(["submission", "imap"]);
    });

    it("says that a letter stops at Dovecot's delivery where only that does not answer", async () => {
      const conf = "/etc/dovecot/mailstead-overrides.conf";
      const before = await host.readFile(conf);
      await host.writeFile(conf, `${before}\nservice lmtp {\n  executable = /bin/false\n}\n`);
      await host.must(["systemctl", "restart", "dovecot.service"]);
      const health = await check();
      await host.writeFile(conf, before);
      await host.must(["systemctl", "restart", "dovecot.service"]);
      expect(stateOf(health)).toMatchObject({ "sign-in": "ok", loopback: "bad", signature: "unknown" });
      expect(sentenceOf(health, "loopback")).toMatch(
        /it stopped at Dovecot's delivery, in the log's words "/,
      );
    });

    it("says of a Rspamd that is down that no letter passes, and of one that does not sign that it does not", async () => {
      onTestFinished(async () => {
        await host.must(["rm", "-f", "/etc/rspamd/override.d/dkim_signing.conf"]);
        await host.must(["systemctl", "restart", "rspamd.service"]);
        await waitFor("Rspamd to sign again", async () =>
          stateOf(await check()).signature === "ok" ? true : undefined,
        );
      });
      await host.must(["systemctl", "stop", "rspamd.service"]);
      const stopped = await check();
      expect(stateOf(stopped)).toMatchObject({ loopback: "bad", signature: "unknown" });
      expect(sentenceOf(stopped, "loopback")).toContain("Postfix says while Rspamd does not answer");
      await host.writeFile("/etc/rspamd/override.d/dkim_signing.conf", "enabled = false;\n");
      await host.must(["systemctl", "start", "rspamd.service"]);
      const unsigned = await waitFor("Rspamd to answer", async () => {
        const now = await check();
        return stateOf(now).loopback === "ok" ? now : undefined;
      });
      expect(stateOf(unsigned)).toMatchObject({ loopback: "ok", signature: "bad" });
      expect(sentenceOf(unsigned, "signature")).toMatch(
        /^Rspamd did not sign the letter with ms202611a and ms202611b/,
      );
    });

    it("says unknown of the signature while DNS does not answer, and bad where DNS shows another key", async () => {
      await publishKeys((text) => text.replace(/p=.*/, "p="));
      const revoked = await waitFor("the records to be seen", async () => {
        const now = await check();
        return stateOf(now).signature === "bad" ? now : undefined;
      });
      expect(sentenceOf(revoked, "signature")).toContain("DNS says that its key is revoked");
      await publishKeys();
      await host.must(["systemctl", "stop", "mailstead-resolver.service"]);
      const silent = await check();
      await host.must(["systemctl", "start", "mailstead-resolver.service"]);
      expect(stateOf(silent)).toMatchObject({ units: "bad", loopback: "ok", signature: "unknown" });
    });

    it("finds a certificate on disk that is not the one that is served, and one for another name", async () => {
      const path = "/etc/ssl/mailstead/certificate.pem";
      const key = "/etc/ssl/mailstead/key.pem";
      await host.must(["cp", "-a", path, `${path}.kept`]);
      await host.must(["cp", "-a", key, `${key}.kept`]);
      await host.must([
        ...[
          "openssl",
          "req",
          "-x509",
          "-newkey",
          "rsa:2048",
          "-nodes",
          "-days",
          "30",
          "-subj",
          "/CN=other.example",
        ],
        ...["-addext", "subjectAltName=DNS:other.example", "-keyout", key, "-out", path],
      ]);
      const swapped = await check();
      expect(stateOf(swapped)).toMatchObject({ certificate: "bad", "sign-in": "ok", loopback: "ok" });
      expect(sentenceOf(swapped, "certificate")).toMatch(
        /Port 993, asked for mail1\S+, shows a certificate with the fingerprint/,
      );
      await host.must(["systemctl", "reload", "dovecot.service"]);
      const served = await check();
      expect(sentenceOf(served, "certificate")).toMatch(
        /Port 993, asked for \S+, shows a certificate that is not for this name/,
      );
      for (const file of [path, key]) await host.must(["mv", `${file}.kept`, file]);
      await host.must(["systemctl", "reload", "dovecot.service"]);
      await waitFor("the certificate to be served", async () =>
        stateOf(await check()).certificate === "ok" ? true : undefined,
      );
    });

    it("tells a package that dpkg has half done", async () => {
      const status = "/var/lib/dpkg/status";
      await host.must(["cp", "-a", status, `${status}.kept`]);
      await host.must([
        "sed",
        "-i",
        "/^Package: ca-certificates$/,/^$/s/^Status: .*/Status: install ok half-configured/",
        status,
      ]);
      const health = await check();
      await host.must(["mv", `${status}.kept`, status]);
      expect(stateOf(health).packages).toBe("bad");
      expect(faultsOf(health, "packages")).toEqual(["ca-certificates"]);
    });

    it("leaves nothing although the agent is killed while it tries, also with a letter that waits", async () => {
      // Nothing delivers, so the letter waits in the queue when the agent dies.
      await host.must(["postconf", "-e", "defer_transports = lmtp"]);
      await host.must(["postfix", "reload"]);
      const job = gateway.order(server.agent.serverId, { verb: "check-mail", args: {} });
      await host.waitFor(
        "the letter to wait",
        async () =>
          (await host.must(["sh", "-c", "postqueue -j | grep -c mailstead.invalid || true"])) !== "0\n",
      );
      await host.must(["systemctl", "kill", "-s", "KILL", "mailstead-agent.service"]);
      await ended(job);
      await server.converge({}, true);
      await expectNothingLeft();
      expect(stateOf(await check()).loopback).toBe("ok");
    });
  });
}

const allOk = {
  units: "ok",
  greeting: "ok",
  certificate: "ok",
  "sign-in": "ok",
  loopback: "ok",
  signature: "ok",
  packages: "ok",
};

function stateOf({ checks }: MailHealth): Partial<Record<HealthCheckId, HealthCheck["state"]>> {
  return Object.fromEntries(checks.map(({ id, state }) => [id, state]));
}

function sentenceOf({ checks }: MailHealth, id: HealthCheckId): string {
  return checks.find((check) => check.id === id)?.sentence ?? "";
}

function faultsOf({ checks }: MailHealth, id: HealthCheckId): readonly string[] {
  return checks.find((check) => check.id === id)?.faults ?? [];
}
