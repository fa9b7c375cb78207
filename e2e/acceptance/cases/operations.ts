import assert from "node:assert/strict";
import type { AcceptanceCase } from "../acceptance-case.ts";
import { type MailHost, uniqueSubject } from "../mail-host.ts";
import { awaitLetter } from "../mailbox-session.ts";
import { sendOutside } from "./outbound.ts";

const backWithinMs = 30_000;

/** Group J: the server as a machine that somebody runs. */
export const operationsCases: readonly AcceptanceCase[] = [
  {
    id: "AT-J01",
    promise:
      "a daemon that is killed is back within half a minute, and one that is stopped stays down and stops cleanly",
    async run(server) {
      const units = unitsOf(server);
      // All at once, which asks more of each: nobody it might lean on is there either.
      await Promise.all(units.map((unit) => expectUnitReturns(server, unit)));
      await Promise.all(units.map((unit) => expectCleanStop(server, unit)));
      await server.shell('systemctl start "$@"', ...units);
      const subject = uniqueSubject("AT-J01");
      await server.waitFor("mail to flow again", async () => {
        await server.receive({ to: `ann@${server.domain}`, subject });
        return true;
      });
      await awaitLetter(server, "ann", { subject });
    },
  },
  {
    id: "AT-J03",
    promise:
      "overrides of Postfix, Dovecot, Rspamd and sieve win over ours, survive the next converge and a new installation of the packages, which leaves no drift",
    async run(server) {
      const dovecotLine =
        server.suite === "bookworm"
          ? "imap_idle_notify_interval = 111 secs"
          : "imap_idle_notify_interval = 111s";
      const overrides = {
        postfixMain: [
          "smtpd_banner = $myhostname ESMTP overridden",
          "smtpd_client_connection_count_limit = 41",
        ],
        dovecot: `${dovecotLine}\n`,
        rspamd: {
          "local.d/actions.conf": "reject = 27;\n",
          "local.d/spf.conf": "max_dns_nesting = 7;\n",
          "override.d/options.inc": "max_message = 7654321;\n",
        },
        sieveBefore:
          'require ["fileinto", "mailbox"];\nif header :contains "Subject" "to-the-shelf" { fileinto :create "Shelf"; stop; }\n',
      };
      const expectInForce = async () => {
        assert.equal(
          (await server.shell("postconf -h smtpd_banner smtpd_client_connection_count_limit")).trim(),
          "$myhostname ESMTP overridden\n41",
        );
        assert.match(await server.shell("doveconf -h imap_idle_notify_interval"), /^(111|1 min|1\.85)/);
        const rspamd = await server.shell("rspamadm configdump actions spf options");
        assert.match(rspamd, /reject = 27\b/);
        assert.match(rspamd, /add_header = 6\b|"add header" = 6\b/);
        assert.match(rspamd, /max_dns_nesting = 7;/);
        assert.match(rspamd, /max_message = 7654321;/);
        assert.doesNotMatch(rspamd, /192\.168\.0\.0/);
        const subject = `${uniqueSubject("AT-J03")} to-the-shelf`;
        await server.receive({ to: `ann@${server.domain}`, subject });
        await awaitLetter(server, "ann", { subject, folder: "Shelf" });
      };
      await server.withTarget({ overrides }, async () => {
        for (const messageSizeMaxBytes of [server.target.stack.messageSizeMaxBytes, 30_000_000]) {
          await server.converge({ stack: { ...server.target.stack, messageSizeMaxBytes } });
          await expectInForce();
        }
        // What an upgrade does to the files of a host: the packages' own scripts and their configuration files again.
        await server.shell("apt-get update -q >&2");
        await server.shell(
          "DEBIAN_FRONTEND=noninteractive apt-get install -y -q --reinstall postfix dovecot-core rspamd >&2",
        );
        for (const unit of unitsOf(server))
          await server.waitFor(`${unit} to run after the packages`, async () =>
            (await isActive(server, unit)) ? true : undefined,
          );
        const verified = await server.host.exec(["/usr/lib/mailstead/mailstead-agent", "verify"]);
        assert.equal(verified.code, 0, `${verified.stdout}${verified.stderr}`);
        await expectInForce();
      });
      assert.doesNotMatch(await server.shell("postconf -h smtpd_banner"), /overridden/);
    },
  },
  {
    id: "AT-J04",
    promise: "the host's name is one everywhere, also when it is itself a mail domain",
    async run(server) {
      const check = async (hostname: string, isMailDomain: boolean) => {
        assert.equal((await server.shell("hostname")).trim(), hostname);
        assert.equal((await server.shell("cat /etc/mailname")).trim(), hostname);
        const values = (await server.shell("postconf -h myhostname myorigin mydestination"))
          .trim()
          .split("\n");
        assert.deepEqual(values, [hostname, hostname, isMailDomain ? "localhost" : `${hostname}, localhost`]);
        assert.match(
          await server.shell("cat /etc/default/postsrsd"),
          new RegExp(`^SRS_DOMAIN=${hostname}$`, "m"),
        );
        assert.match(
          await server.shell(
            "openssl x509 -noout -ext subjectAltName -in /etc/ssl/mailstead/certificate.pem",
          ),
          new RegExp(`DNS:${hostname}\\b`),
        );
        const subject = uniqueSubject("AT-J04");
        await server.shell(`printf 'Subject: %s\\n\\nx\\n' "$1" | /usr/sbin/sendmail root`, subject);
        await awaitLetter(server, "postmaster", { subject });
        const toMailbox = uniqueSubject("AT-J04");
        await server.receive({ to: `ann@${server.domain}`, subject: toMailbox });
        await awaitLetter(server, "ann", { subject: toMailbox });
      };
      await check(server.target.hostname, false);
      await server.withTarget({ hostname: server.domain }, () => check(server.domain, true));
      await check(server.target.hostname, false);
    },
  },
  {
    id: "AT-J05",
    promise: "after a reboot everything runs by itself, mail flows, and the mail and auth logs hold no error",
    async run(server) {
      await server.host.reboot();
      await server.waitFor(
        "all units to run",
        async () => {
          for (const unit of unitsOf(server)) if (!(await isActive(server, unit))) return undefined;
          return true;
        },
        { timeoutMs: 60_000 },
      );
      // A letter that comes while Rspamd still compiles is put off, and Postfix says so; that is no fault of the boot.
      await server.waitFor("Rspamd to listen", async () =>
        (await server.host.exec(["test", "-S", "/run/rspamd/milter.sock"])).code === 0 ? true : undefined,
      );
      const subject = uniqueSubject("AT-J05");
      await server.waitFor("mail to flow", async () => {
        await server.receive({ to: `ann@${server.domain}`, subject });
        return true;
      });
      await awaitLetter(server, "ann", { subject });
      await sendOutside(server, { subject: `${subject} out` });
      await server.lab.receivers.waitForMail(({ raw }) => raw.includes(`${subject} out`));
      const log = await readLogsOfBoot(server);
      for (const [writer, line] of writersOfLogs) assert.match(log, line, `${writer} has written to the log`);
      const complaints = log
        .split("\n")
        .filter((line) => /\b(error|fatal|panic|warning|denied|failed|cannot)\b/i.test(line))
        .filter((line) => !isHarmless(line));
      assert.deepEqual(complaints, []);
    },
  },
];

/** Kills the main process of a unit. Throws unless systemd has it back in time. */
export async function expectUnitReturns(server: MailHost, unit: string): Promise<void> {
  const before = await mainPid(server, unit);
  assert.ok(before > 1, `${unit} runs`);
  await server.shell('kill -9 "$1"', String(before));
  await server.waitFor(
    `${unit} to come back`,
    async () => {
      const now = await mainPid(server, unit);
      return now > 1 && now !== before && (await isActive(server, unit)) ? true : undefined;
    },
    { timeoutMs: backWithinMs, intervalMs: 300 },
  );
}

/** Stops a unit and leaves it stopped. Throws when systemd calls its end a failure. */
export async function expectCleanStop(server: MailHost, unit: string): Promise<void> {
  await server.shell('systemctl stop "$1"', unit);
  const { stdout } = await server.host.exec(["systemctl", "is-active", unit]);
  assert.equal(stdout.trim(), "inactive", unit);
}

/** What a host with rsyslog would have in mail.log and auth.log, and all that the units of the stack say besides. */
async function readLogsOfBoot(server: MailHost): Promise<string> {
  const read = (choice: string) => server.shell(`journalctl -b --no-pager -o short-iso ${choice}`);
  const units = ["postfix*", "ssh", "mailstead-bans", ...unitsOf(server)];
  return [
    await read("--facility=mail,auth,authpriv"),
    await read(units.map((unit) => `-u '${unit}'`).join(" ")),
    await server.shell("if [ -e /var/log/rspamd/rspamd.log ]; then cat /var/log/rspamd/rspamd.log; fi"),
  ].join("\n");
}

// One line of each that must be there, so that a search which finds nothing is no proof of peace.
const writersOfLogs: readonly (readonly [writer: string, line: RegExp])[] = [
  ["Postfix on port 25", /postfix\/smtpd\[\d+\]: connect from /],
  ["Postfix's sender", /postfix\/smtp\[\d+\]: .*status=sent/],
  ["Dovecot", /dovecot\[\d+\]: .*imap-login: /],
  ["LMTP", /dovecot\[\d+\]: .*lmtp\(/],
  ["Rspamd", /rspamd\[\d+\]: /],
  ["Redis", /redis-server\.service|redis-server\[\d+\]: /],
  ["PostSRSd", /postsrsd/],
  ["fail2ban", /fail2ban-server\[\d+\]: /],
  ["sshd", /sshd\[\d+\]: Server listening/],
];

/** The daemons of the stack that answer to systemd with a main process. */
function unitsOf(server: MailHost): readonly string[] {
  return [
    "mailstead-resolver.service",
    "mailstead-dane-policies.service",
    "postfix-mta-sts-resolver.service",
    "redis-server.service",
    "rspamd.service",
    "postsrsd.service",
    "dovecot.service",
    server.suite === "bookworm" ? "postfix@-.service" : "postfix.service",
    "fail2ban.service",
    "nginx.service",
    ...(server.target.stack.hasVirusScan ? ["clamav-daemon.service"] : []),
  ];
}

async function mainPid(server: MailHost, unit: string): Promise<number> {
  const { stdout } = await server.host.exec(["systemctl", "show", "--property=MainPID", "--value", unit]);
  const pid = Number(stdout.trim());
  if (pid > 0 || !unit.startsWith("postfix")) return pid;
  const found = await server.host.exec(["cat", "/var/spool/postfix/pid/master.pid"]);
  return Number(found.stdout.trim());
}

async function isActive(server: MailHost, unit: string): Promise<boolean> {
  return (await server.host.exec(["systemctl", "is-active", "--quiet", unit])).code === 0;
}

// What a lab without an uplink and a container's kernel make daemons say, and would not on a rented host (the maps
// that Rspamd reads from the Internet have no name here); and that Rspamd's own groups name symbols that its own
// rules do not register.
function isHarmless(line: string): boolean {
  return /overcommit|rspamd_map_dns_callback: cannot resolve|maps\.rspamd\.com|TCP backlog|somaxconn|cannot find a symbol to disable/i.test(
    line,
  );
}
