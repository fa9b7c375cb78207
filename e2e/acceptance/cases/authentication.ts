import assert from "node:assert/strict";
import type { SecureVersion } from "node:tls";
import type { AcceptanceCase } from "../acceptance-case.ts";
import { type MailHost, mailboxEntry, password, uniqueSubject } from "../mail-host.ts";
import { SmtpSession } from "../smtp-session.ts";
import { TextSession } from "../text-session.ts";

/** Group A: who may sign in, and where. */
export const authenticationCases: readonly AcceptanceCase[] = [
  {
    id: "AT-A01",
    promise:
      "IMAP lets people in over TLS, on 993 and by STARTTLS on 143, and refuses passwords in the clear",
    async run(server) {
      const { address } = server.account("ann");
      const login = `a LOGIN "${address}" "${password}"`;
      const secure = await TextSession.open(await server.port(993), { isTls: true });
      await secure.ask(null, /^\* OK/);
      assert.match(await secure.ask(login, /^a /), /^a OK/m);
      secure.close();

      const upgraded = await TextSession.open(await server.port(143));
      assert.match(await upgraded.ask(null, /^\* OK/), /STARTTLS/);
      assert.match(await upgraded.ask("s STARTTLS", /^s /), /^s OK/m);
      await upgraded.upgradeToTls();
      assert.match(await upgraded.ask(login, /^a /), /^a OK/m);
      upgraded.close();

      const plain = await TextSession.open(await server.port(143));
      assert.match(await plain.ask(null, /^\* OK/), /LOGINDISABLED/);
      assert.match(await plain.ask(login, /^(a |\* BYE)/), /^a (NO|BAD)/m);
      plain.close();
    },
  },
  {
    id: "AT-A01",
    promise: "a hundred and sixty mail programs stay signed in at once",
    async run(server) {
      const port = await server.port(993);
      const names = ["ann", "bob", "carol", "dora"];
      const sessions: TextSession[] = [];
      try {
        for (let round = 0; round < 40; round += 1)
          await Promise.all(
            names.map(async (name) => {
              const session = await TextSession.open(port, { isTls: true });
              sessions.push(session);
              assert.match(await session.ask(null, /^\* /), /^\* OK/);
              const login = `a LOGIN "${server.account(name).address}" "${password}"`;
              assert.match(await session.ask(login, /^(a |\* BYE)/), /^a OK/m, `session ${sessions.length}`);
            }),
          );
        for (const session of sessions) assert.match(await session.ask("b NOOP", /^b /), /^b OK/m);
      } finally {
        for (const session of sessions) session.close();
      }
    },
  },
  {
    id: "AT-A03",
    promise: "submission signs in over TLS on 465 and 587, and 587 refuses AUTH before STARTTLS",
    async run(server) {
      for (const [port, isTls] of [
        [465, true],
        [587, false],
      ] as const) {
        const session = await SmtpSession.submit(await server.port(port), server.account("ann"), { isTls });
        session.close();
      }
      const plain = await SmtpSession.open(await server.port(587));
      assert.doesNotMatch((await plain.command("EHLO client.example")).text, /AUTH/);
      assert.equal((await plain.authPlain(server.account("ann"))).code, 530);
      plain.close();
    },
  },
  {
    id: "AT-A04",
    promise: "port 25 offers no AUTH, neither before nor after STARTTLS",
    async run(server) {
      const session = await SmtpSession.open(await server.port(25));
      assert.doesNotMatch((await session.command("EHLO client.example")).text, /AUTH/);
      assert.doesNotMatch((await session.startTls()).text, /AUTH/);
      assert.equal((await session.authPlain(server.account("ann"))).code, 503);
      session.close();
    },
  },
  {
    id: "AT-A05",
    promise:
      "ManageSieve wants STARTTLS first, refuses a wrong password and lists scripts after the right one",
    async run(server) {
      const answer = /^(OK|NO|BYE)/;
      const plain = await TextSession.open(await server.port(4190));
      assert.match(await plain.ask(null, answer), /STARTTLS/);
      assert.match(await plain.ask(sieveLogin(server, password), answer), /^(NO|BYE)/m);
      plain.close();

      const session = await TextSession.open(await server.port(4190));
      await session.ask(null, answer);
      assert.match(await session.ask("STARTTLS", answer), /^OK/m);
      await session.upgradeToTls();
      await session.ask(null, answer);
      assert.match(await session.ask(sieveLogin(server, "wrong"), answer), /^NO/m);
      assert.match(await session.ask(sieveLogin(server, password), answer), /^OK/m);
      assert.match(await session.ask("LISTSCRIPTS", answer), /^OK/m);
      session.close();
    },
  },
  {
    id: "AT-A06",
    promise:
      "AUTH PLAIN and LOGIN answer 235 and 535, and an unknown or disabled name is refused in the same words",
    async run(server) {
      const right = server.account("ann");
      const wrong = { ...right, password: "wrong" };
      const unknown = { ...wrong, address: `nobody-here@${server.domain}` };
      const disabled = server.account("disabled");
      await server.setEntries(mailboxEntry(disabled.address, { isEnabled: false }));
      const answers: string[] = [];
      for (const account of [right, wrong, unknown, disabled]) {
        for (const mechanism of ["authPlain", "authLogin"] as const) {
          const session = await SmtpSession.open(await server.port(465), { isTls: true });
          await session.command("EHLO client.example");
          answers.push((await session[mechanism](account)).text);
          session.close();
        }
      }
      assert.deepEqual(
        answers.map((answer) => answer.slice(0, 3)),
        ["235", "235", "535", "535", "535", "535", "535", "535"],
      );
      const [, , plain = "", login = "", ...others] = answers.map((answer) => answer.replace(/\(.*?\)/, ""));
      assert.deepEqual(others, [plain, login, plain, login]);
    },
  },
  {
    id: "AT-F01",
    promise: "every port speaks TLS 1.2 and 1.3 and refuses 1.0 and 1.1",
    async run(server) {
      const sieveAnswer = /^(OK|NO|BYE)/;
      const greeted = async (
        port: number,
        isLast: RegExp,
        startTls: readonly (readonly [string, RegExp])[],
      ) => {
        const session = await TextSession.open(await server.port(port));
        await session.ask(null, isLast);
        for (const [line, answer] of startTls) await session.ask(line, answer);
        return session;
      };
      const smtp = [["EHLO client.example", /^250 /] as const, ["STARTTLS", /^220 /] as const];
      const upgrades: Readonly<Record<number, () => Promise<TextSession>>> = {
        25: () => greeted(25, /^220 /, smtp),
        587: () => greeted(587, /^220 /, smtp),
        143: () => greeted(143, /^\* OK/, [["s STARTTLS", /^s /]]),
        4190: () => greeted(4190, sieveAnswer, [["STARTTLS", sieveAnswer]]),
      };
      const shake = async (port: number, onlyVersion: SecureVersion): Promise<boolean> => {
        const open = upgrades[port];
        try {
          const session = open
            ? await open()
            : await TextSession.open(await server.port(port), { isTls: true, onlyVersion });
          try {
            if (open) await session.upgradeToTls({ onlyVersion });
          } finally {
            session.close();
          }
          return true;
        } catch {
          return false;
        }
      };
      for (const port of [25, 465, 587, 143, 993, 4190])
        for (const [version, isSpoken] of [
          ["TLSv1.3", true],
          ["TLSv1.2", true],
          ["TLSv1.1", false],
          ["TLSv1", false],
        ] as const)
          assert.equal(await shake(port, version), isSpoken, `${version} on port ${port}`);
    },
  },
  {
    id: "AT-A08",
    promise:
      "outgoing mail introduces itself with the name that its address resolves back to, and nobody else may use that name",
    async run(server) {
      const subject = uniqueSubject("AT-A08");
      const session = await server.openSubmission("ann");
      const reply = await session.send({
        from: `ann@${server.domain}`,
        to: "eve@receiver.example",
        message: `From: ann@${server.domain}\nTo: eve@receiver.example\nSubject: ${subject}\n\nHello.`,
      });
      assert.equal(reply.code, 250, reply.text);
      session.close();
      const mail = await server.lab.receivers.waitForMail(({ raw }) => raw.includes(subject));
      assert.equal(mail.helo, server.target.hostname);
      assert.equal(mail.hasReverseName, true);
      const { hostname } = server.target;
      for (const [name, code] of [
        [hostname, 554],
        [hostname.toUpperCase(), 554],
        [`web.${hostname}`, 250],
      ] as const) {
        const stranger = await SmtpSession.open(await server.port(25));
        await stranger.command(`EHLO ${name}`);
        await stranger.command("MAIL FROM:<eve@receiver.example>");
        const answer = await stranger.command(`RCPT TO:<ann@${server.domain}>`);
        stranger.close();
        assert.equal(answer.code, code, `EHLO ${name}: ${answer.text}`);
      }
    },
  },
];

function sieveLogin(server: MailHost, secret: string): string {
  const token = Buffer.from(`\0${server.account("ann").address}\0${secret}`).toString("base64");
  return `AUTHENTICATE "PLAIN" "${token}"`;
}
