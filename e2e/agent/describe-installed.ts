import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defaultStackSettings, noOverrides } from "@mailstead/core/servers";
import { traceResultSchema } from "@mailstead/core/trace";
import { afterAll, beforeAll, expect, it } from "vitest";
import { describeLab } from "../lab/describe-lab.ts";
import type { LabHost } from "../lab/host.ts";
import type { Suite } from "../lab/image-recipes.ts";
import { type Lab, openLab } from "../lab/lab.ts";
import { waitFor } from "../lab/wait-for.ts";
import { compileAgent, ended, storyOf } from "./agent-host.ts";
import { killPoints, wasStoppedIn } from "./kill-points.ts";
import { killAtRecord } from "./killer.ts";
import { ManagedHost, type TargetChanges } from "./managed-host.ts";
import { sampleTarget } from "./sample-target.ts";
import { TestGateway, type TrackedJob } from "./test-gateway.ts";

const labPort = 8080;
// The disk lies in this machine's memory, and some tests fill it.
const diskSizeBytes = 1024 ** 3;

/** Declares what holds on a host that serves mail already: what the agent says there, and what may break under it. */
export function describeInstalled(title: string, suite: Suite): void {
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
        zones: ["alpha.example"],
        expose: [{ labPort, hostPort }],
        receivers: false,
        diskSizeBytes,
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

    const problemOf = (job: TrackedJob): string =>
      job.refused?.sentence ?? (job.outcome?.kind === "failed" ? job.outcome.problem : "");
    /** A digest of every file below these folders. */
    const filesOf = (...folders: readonly string[]): Promise<string> =>
      host.must(["sh", "-c", 'find "$@" -type f | sort | xargs sha256sum', "sh", ...folders]);

    it("says on the host that all services run, that nothing is to be done, and what it has been doing", async () => {
      const job = await server.converge();
      const status = await server.command("status");
      expect(status.stdout).toMatch(/^control plane +(?! |not connected|the agent is not running)/m);
      expect(status.stdout).toMatch(new RegExp(`^target state +revision ${server.revision}$`, "m"));
      for (const service of ["postfix", "dovecot", "rspamd"])
        expect(status.stdout).toMatch(new RegExp(`^service +${service}\\S* running since `, "m"));
      expect(status.code).toBe(0);
      const plan = await server.command("plan");
      expect(plan.stdout).toBe(`Nothing to do: the host is as revision ${server.revision} says.\n`);
      expect(plan.code).toBe(0);
      const logs = await server.command("logs");
      expect(logs.stdout).toContain(`job converge ${job.jobId} succeeded`);
      expect(logs.code).toBe(0);
    });

    it("tells in the story of a letter what Rspamd decided about it", async () => {
      await server.carriesLetter("judged");
      const args = { sender: "ann@alpha.example", visibleDomains: null };
      const job = await ended(gateway.order(server.agent.serverId, { verb: "trace-message", args }));
      if (job.outcome?.kind !== "succeeded") throw new Error(storyOf(job));
      const [letter] = traceResultSchema.parse(job.outcome.result).messages;
      expect(letter?.saslUsername).toBe("ann@alpha.example");
      expect(letter?.events).toContainEqual(
        expect.objectContaining({ kind: "judged", action: "accepted", score: expect.any(Number) }),
      );
    });

    it("ends its status with 1 while a service does not run, and names it", async () => {
      await host.must(["systemctl", "stop", "dovecot.service"]);
      const { code, stdout } = await server.command("status");
      await host.must(["systemctl", "start", "dovecot.service"]);
      expect(stdout).toMatch(/^service +dovecot\.service stopped/m);
      expect(code).toBe(1);
      expect((await server.command("status")).code).toBe(0);
    });

    it("plans to put back what was edited by hand and shows the lines, or names the file that it leaves", async () => {
      await server.converge({ driftPolicy: "revert" });
      const before = await host.readFile("/etc/postfix/main.cf");
      const editByHand = () => host.must(["sh", "-c", "echo '# by hand' >> /etc/postfix/main.cf"]);
      // An agent that runs may put it back before anybody has asked.
      await host.must(["systemctl", "stop", "mailstead-agent"]);
      await editByHand();
      const { code, stdout } = await server.command("plan");
      await host.must(["systemctl", "start", "mailstead-agent"]);
      expect(stdout).toMatch(/^1\. \S.*$/m);
      expect(stdout).toMatch(/^--- \/etc\/postfix\/main\.cf\n(?:.*\n)*-# by hand$/m);
      expect(code).toBe(0);
      await server.converge({ driftPolicy: "revert" });
      expect(await host.readFile("/etc/postfix/main.cf")).toBe(before);

      await server.converge();
      await editByHand();
      expect((await server.command("plan")).stdout).toContain(
        "Edited by hand and left as it is: /etc/postfix/main.cf\n",
      );
      await server.converge({}, true);
      expect(await host.readFile("/etc/postfix/main.cf")).toBe(before);
    });

    it.each([
      {
        what: "Postfix",
        overrides: { ...noOverrides, postfixMain: ["smtpd_banner = hello", "message_size_limit = a-lot"] },
        // An override takes the place of our own line, so the file on disk tells which one that is.
        says: (mainCf: string) =>
          new RegExp(
            `^postfix refuses its new configuration, so it keeps the one it has: .*message_size_limit.*a-lot.* line ${lineOf(mainCf, "message_size_limit =")} of /etc/postfix/main\\.cf reads "message_size_limit = a-lot"$`,
          ),
        path: "/etc/postfix/main.cf",
      },
      {
        what: "Dovecot",
        overrides: {
          ...noOverrides,
          dovecot: "verbose_proctitle = yes\nmail_max_userip_connections = lots\n",
        },
        // The first line of the file is ours.
        says: () =>
          /^dovecot refuses its new configuration, so it keeps the one it has: .*mailstead-overrides\.conf.*line:? 3\b.*reads "mail_max_userip_connections = lots"$/,
        path: "/etc/dovecot",
      },
      {
        what: "Rspamd, as we see ourselves,",
        overrides: { ...noOverrides, rspamd: { "local.d/greylist.conf": "timeout = 5min;\nbroken {{{\n" } },
        says: () => /^Line 2 of the Rspamd override local\.d\/greylist\.conf: /,
        path: "/etc/rspamd",
      },
      {
        what: "Rspamd, as only Rspamd itself sees,",
        overrides: {
          ...noOverrides,
          rspamd: { "local.d/options.inc": "max_message = 20000000;\ndns_max_requests = no;\n" },
        },
        says: () =>
          /^rspamd refuses its new configuration, so it keeps the one it has: .*dns_max_requests.* line 2 of \/etc\/rspamd\/mailstead\/overrides\/local\.d\/options\.inc reads "dns_max_requests = no;"$/,
        path: "/etc/rspamd",
      },
    ])(
      "keeps the mail flowing when an override breaks $what and names its line",
      async ({ what, overrides, says, path }) => {
        const before = await filesOf(path);
        const job = await server.converge({ overrides });
        expect(job.outcome).toMatchObject({ kind: "failed", retry: "permanent" });
        expect(problemOf(job)).toMatch(says(await host.readFile("/etc/postfix/main.cf")));
        expect(await filesOf(path)).toBe(before);
        await server.carriesLetter(`After an override that breaks ${what}`);
        expect((await server.converge()).outcome).toMatchObject({ kind: "succeeded" });
      },
    );

    it("puts the previous files back when a service takes the new ones and then does not serve", async () => {
      const before = await host.readFile("/etc/postfix/main.cf");
      const job = await server.converge({
        overrides: { ...noOverrides, postfixMain: ["smtpd_relay_restrictions = no_such_check"] },
      });
      expect(job.outcome, storyOf(job)).toMatchObject({ kind: "failed" });
      expect(problemOf(job)).toMatch(
        /^postfix did not serve with its new configuration: .* The previous files were put back and the service runs as before\.$/,
      );
      expect(await host.readFile("/etc/postfix/main.cf")).toBe(before);
      await server.carriesLetter("After a configuration with which Postfix did not serve");
    });

    it("leaves main.cf such that a program of Postfix that starts in that second knows where its files are", async () => {
      const banner = "smtpd_banner = $myhostname of $config_directory";
      const job = await server.converge({ overrides: { ...noOverrides, postfixMain: [banner] } });
      expect(job.outcome, storyOf(job)).toMatchObject({ kind: "succeeded" });
      const greets = async () => {
        const { stdout } = await host.exec(["sh", "-c", "echo QUIT | /usr/lib/postfix/sbin/smtpd -S"]);
        return stdout;
      };
      const mainCf = "/etc/postfix/main.cf";
      const [text, times] = [await host.readFile(mainCf), await host.must(["stat", "-c", "%Y %Z", mainCf])];
      expect(text).toContain(banner);
      const [writtenAt = 0, changedAt = 0] = times.split(" ").map(Number);
      // Written long before it came to its place, as Postfix sees it, so that nothing waits for it to cool down.
      expect(changedAt - writtenAt).toBeGreaterThan(2);
      expect(await greets()).toContain("of /etc/postfix");
      expect((await server.converge()).outcome).toMatchObject({ kind: "succeeded" });
    });

    it("refuses a sieve script that does not compile, naming its line, and keeps the old ones", async () => {
      const sieveBefore = 'require ["fileinto"];\nif header :is "subject" {\n  fileinto "X"\n}\n';
      const job = await server.converge({ overrides: { ...noOverrides, sieveBefore } });
      expect(problemOf(job)).toMatch(/^dovecot refuses .*operator\.sieve.*line \d/);
      expect((await host.exec(["ls", "/etc/dovecot/sieve/operator.sieve"])).code).not.toBe(0);
      await server.carriesLetter("After a script that does not compile");
    });

    /** A crash of Rspamd, which a full disk may bring, is over within seconds. */
    const untilRspamdServes = () =>
      waitFor(
        "Rspamd to serve",
        async () => (await server.command("verify")).stdout.includes("good     rspamd"),
        { timeoutMs: 120_000, intervalMs: 500 },
      );
    const otherSettings = {
      stack: {
        ...defaultStackSettings,
        messageSizeMaxBytes: 33_000_000,
        sendsPerMailboxPerHourMax: 77,
        recipientDelimiter: "-",
      },
    };

    it("says in one clear sentence that the disk is full, and works again when it is not", async () => {
      const fault = await lab.faults.fillDisk(host);
      let job: TrackedJob;
      try {
        job = await server.converge(otherSettings);
      } finally {
        await fault.end();
      }
      expect(problemOf(job)).toMatch(/disk|MiB free/i);
      expect((await server.converge()).outcome).toMatchObject({ kind: "succeeded" });
      await untilRspamdServes();
      await server.carriesLetter("After a full disk");
    });

    it("serves on with the previous files when the disk fills up in the middle of a converge, and says so", async () => {
      const before = await filesOf("/etc/postfix");
      // Enough for the job to be accepted, and so little that the rest is gone while the services are checked.
      const spareBytes = 64 * 1024 ** 2;
      const free = "$(df --output=avail --block-size=1 / | tail -1)";
      await host.must(["sh", "-c", `fallocate --length $((${free} - ${spareBytes})) /root/filler`]);
      const rest = lab.namespace.path(`/run/lab/guests/${host.name}/disk/rest`);
      try {
        const changes = { stack: { ...defaultStackSettings, recipientDelimiter: "-" } };
        const job = server.orderConverge(changes);
        await waitFor("Dovecot's step", () => storyOf(job).includes("start apply-files:dovecot"), {
          intervalMs: 2,
          timeoutMs: 120_000,
        });
        writeUntilFull(rest);
        await ended(job);
        expect(job.outcome, storyOf(job)).toMatchObject({ kind: "failed", retry: "temporary" });
        expect(problemOf(job)).toMatch(
          /^The disk of this host is full: |No space left on device|Insufficient system storage/,
        );
        // Dovecot's step may have been over by then, and what it did stands.
        expect(storyOf(job)).toMatch(/^end apply-files:(dovecot|postfix) (failed|reverted) /m);
        expect(await filesOf("/etc/postfix")).toBe(before);
        expect(await server.servesMail()).toBe(true);
      } finally {
        rmSync(rest, { force: true });
        await host.must(["rm", "-f", "/root/filler"]);
      }
      await untilRspamdServes();
      await server.carriesLetter("After a disk that filled up");
      expect((await server.converge(otherSettings)).outcome).toMatchObject({ kind: "succeeded" });
      expect((await server.converge()).outcome).toMatchObject({ kind: "succeeded" });
    });

    it("has Rspamd forget what it had compiled when it crashes, since a full disk may have cut that off", async () => {
      // Rspamd 3.4 then died of it at every start. Which files are cut off how is chance, so a crash stands for it here.
      const cutOff = "/var/lib/rspamd/cut-off.hsmp";
      await host.must(["touch", cutOff]);
      await host.must(["systemctl", "kill", "--kill-whom=main", "--signal=SEGV", "rspamd.service"]);
      await waitFor("it to be forgotten", async () => (await host.exec(["test", "-e", cutOff])).code === 1);
      await untilRspamdServes();
      await server.carriesLetter("After a crash of Rspamd");
    });

    let round = 0;
    // Each round builds on the one before, since to take that one back would cost another start of most services.
    let changes: TargetChanges = {};
    it.each(killPoints)(
      "settles a converge that it was killed in with -9, $where, and leaves the host as it ought to be",
      { timeout: 600_000 },
      async ({ stepId, record, need }) => {
        for (let attempt = 1; attempt <= attemptsMax; attempt += 1) {
          round += 1;
          changes = { ...changes, ...need.inTarget?.(round, changes) };
          if (need.onHost !== undefined) await host.must(["sh", "-c", need.onHost], { timeoutMs: 120_000 });
          const killer = await killAtRecord(host, record);
          const job = server.orderConverge(changes);
          await ended(job, 180_000);
          const hasKilled = await killer.end();
          expect(hasKilled, storyOf(job)).toBe(true);
          expect(job.outcome, storyOf(job)).toMatchObject({ kind: "succeeded" });
          expect((await server.converge(changes)).outcome).toMatchObject({ result: { stepsApplied: 0 } });
          const { stdout } = await server.command("verify");
          expect(stdout, storyOf(job)).toContain("All is well");
          const target = sampleTarget(server.agent.serverId, {
            hostname: host.description.hostname,
            ...changes,
          });
          expect(await host.must(["postconf", "-h", "message_size_limit"])).toBe(
            `${target.stack.messageSizeMaxBytes}\n`,
          );
          expect(await namePresentedBy(host)).toContain(target.hostname);
          if (wasStoppedIn(job, stepId)) return;
        }
        expect.fail(`The step was over ${attemptsMax} times before the agent was dead.`);
      },
    );

    it("carries mail after all of that", async () => {
      expect((await server.converge()).outcome).toMatchObject({ kind: "succeeded" });
      await server.makeMailbox();
      await server.carriesLetter("After being killed so often");
    });
  });
}

// On a busy machine the killer may come too late.
const attemptsMax = 6;

/** Takes the last blocks of a disk within milliseconds, for which a fault of the lab is too slow. */
function writeUntilFull(path: string): void {
  const file = openSync(path, "w");
  try {
    for (;;) writeSync(file, Buffer.alloc(64 * 1024));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
  } finally {
    closeSync(file);
  }
}

function lineOf(text: string, start: string): number {
  return text.split("\n").findIndex((line) => line.startsWith(start)) + 1;
}

/** The subject of the certificate that Dovecot shows. */
function namePresentedBy(host: LabHost): Promise<string> {
  const script =
    "openssl s_client -connect 127.0.0.1:993 </dev/null 2>/dev/null | openssl x509 -noout -subject";
  return host.must(["sh", "-c", script]);
}
