import assert from "node:assert/strict";
import type { AcceptanceCase } from "../acceptance-case.ts";
import { installSieve } from "../install-sieve.ts";
import { aliasEntry, mailboxEntry, uniqueSubject } from "../mail-host.ts";
import { awaitLetter, findLetters, hasLetter, headersOf, inMailbox } from "../mailbox-session.ts";
import { talkFrom } from "../outside-client.ts";
import { SmtpSession } from "../smtp-session.ts";

/** Group B: what the server takes from the world, for whom, and what it refuses. */
export const inboundCases: readonly AcceptanceCase[] = [
  {
    id: "AT-B01",
    promise: "mail from outside for a mailbox is taken on port 25 and read over IMAP",
    async run(server) {
      const subject = uniqueSubject("AT-B01");
      await server.receive({ to: `ann@${server.domain}`, subject });
      await awaitLetter(server, "ann", { subject });
    },
  },
  {
    id: "AT-B02",
    promise: "an alias delivers to each of its destinations, also with a detail after the delimiter",
    async run(server) {
      await server.setEntries(
        aliasEntry(`team@${server.domain}`, [`ann@${server.domain}`, `bob@${server.domain}`]),
      );
      for (const to of [`team@${server.domain}`, `team+week@${server.domain}`]) {
        const subject = uniqueSubject("AT-B02");
        await server.receive({ to, subject });
        await awaitLetter(server, "ann", { subject });
        await awaitLetter(server, "bob", { subject });
      }
    },
  },
  {
    id: "AT-B03",
    promise:
      "a catch-all takes what has no address of its own, keeps the detail readable, and leaves mailboxes theirs",
    async run(server) {
      await server.setEntries(aliasEntry(`@${server.domain}`, [`carol@${server.domain}`]));
      try {
        const caught = uniqueSubject("AT-B03");
        await server.receive({ to: `anything+x9@${server.domain}`, subject: caught });
        const source = await awaitLetter(server, "carol", { subject: caught });
        assert.match(headersOf(source), new RegExp(`^X-Original-To: anything\\+x9@${server.domain}$`, "m"));
        const own = uniqueSubject("AT-B03");
        await server.receive({ to: `ann@${server.domain}`, subject: own });
        await awaitLetter(server, "ann", { subject: own });
        assert.equal(await hasLetter(server, "carol", { subject: own }), false);
      } finally {
        await server.removeEntry("alias", `@${server.domain}`);
      }
    },
  },
  {
    id: "AT-B03",
    promise: "a server set to a hyphen as delimiter delivers what follows it to the mailbox before it",
    async run(server) {
      await server.withTarget({ stack: { ...server.target.stack, recipientDelimiter: "-" } }, async () => {
        const subject = uniqueSubject("AT-B03");
        await server.receive({ to: `ann-shop@${server.domain}`, subject });
        await awaitLetter(server, "ann", { subject });
      });
    },
  },
  {
    id: "AT-B05",
    promise: "an unknown address is refused at RCPT with 550, so that no bounce is ever made of it",
    async run(server) {
      const session = await server.openPort25();
      await session.command("MAIL FROM:<eve@receiver.example>");
      const reply = await session.command(`RCPT TO:<nobody-here@${server.domain}>`);
      session.close();
      assert.equal(reply.code, 550);
      assert.match(reply.text, /5\.1\.1 .*User unknown/);
    },
  },
  {
    id: "AT-B06",
    promise:
      "an alias to an outside address forwards with an envelope sender of ours (SRS), and a bounce finds back",
    async run(server) {
      await server.setEntries(aliasEntry(`away@${server.domain}`, ["frank@gmail.com"]));
      const subject = uniqueSubject("AT-B06");
      await server.receive({ to: `away@${server.domain}`, subject });
      const mail = await server.lab.receivers.waitForMail(
        ({ raw, receiver }) => receiver === "gmail" && raw.includes(subject),
      );
      assert.match(
        mail.sender,
        new RegExp(`^SRS0=[^@]+=receiver\\.example=eve@${server.target.hostname}$`, "i"),
      );
      assert.equal(mail.facts.spf, "pass");
      assert.equal(mail.facts.dmarc, "pass");
      assert.deepEqual(mail.recipients, ["frank@gmail.com"]);

      const session = await server.openPort25();
      await session.command("MAIL FROM:<>");
      const accepted = await session.command(`RCPT TO:<${mail.sender}>`);
      const forged = await session.command(
        `RCPT TO:<SRS0=AAAA=AA=receiver.example=eve@${server.target.hostname}>`,
      );
      assert.equal(accepted.code, 250, accepted.text);
      assert.equal(forged.code, 550, forged.text);
      session.close();
      const bounce = uniqueSubject("AT-B06");
      const daemon = "mailer-daemon@receiver.example";
      const taken = await server.lab.receivers.send({
        from: daemon,
        envelopeSender: "",
        to: mail.sender,
        raw: `From: ${daemon}\r\nTo: ${mail.sender}\r\nDate: ${new Date().toUTCString()}\r\nMessage-ID: <${bounce.replaceAll(" ", ".")}@receiver.example>\r\nSubject: ${bounce}\r\n\r\nfrank@gmail.com: no such person.\r\n`,
      });
      assert.equal(taken.code, 250, taken.text);
      const returned = await server.lab.receivers.waitForMail(({ raw }) => raw.includes(bounce));
      assert.deepEqual([returned.sender, returned.recipients], ["", ["eve@receiver.example"]]);
    },
  },
  {
    id: "AT-B06",
    promise: "a stranger who writes as a hosted domain is refused, so that no forward carries the forgery on",
    async run(server) {
      await server.setEntries(aliasEntry(`away@${server.domain}`, ["frank@gmail.com"]));
      const below = `news.${server.otherDomain}`;
      await server.lab.dns.setRecords(server.otherDomain, [
        { name: `_dmarc.${below}`, type: "TXT", records: ['"v=DMARC1; p=quarantine"'] },
      ]);
      const forgeries = [
        { envelope: `ann@${server.otherDomain}`, author: "eve@receiver.example" },
        { envelope: "eve@receiver.example", author: `boss@${below}` },
        { envelope: "eve@receiver.example", author: `boss@${server.otherDomain}` },
      ];
      for (const { envelope, author } of forgeries) {
        const session = await server.openPort25();
        const subject = uniqueSubject("AT-B06");
        const reply = await session.send({
          from: envelope,
          to: `away@${server.domain}`,
          message: `From: ${author}\nTo: away@${server.domain}\nDate: ${new Date().toUTCString()}\nMessage-ID: <${subject.replaceAll(" ", ".")}@client.example>\nSubject: ${subject}\n\nPay here.`,
        });
        session.close();
        assert.match(reply.text, /^5\d\d 5\.7\.1 /, `${envelope} ${author}: ${reply.text}`);
      }
    },
  },
  {
    id: "AT-B07",
    promise: "a forward keeps a copy when the mailbox itself is among its destinations",
    async run(server) {
      await server.setEntries(
        mailboxEntry(`keeper@${server.domain}`),
        aliasEntry(`keeper@${server.domain}`, [`keeper@${server.domain}`, "frank@gmail.com"]),
      );
      const subject = uniqueSubject("AT-B07");
      await server.receive({ to: `keeper@${server.domain}`, subject });
      await awaitLetter(server, "keeper", { subject });
      await server.lab.receivers.waitForMail(
        ({ raw, receiver }) => receiver === "gmail" && raw.includes(subject),
      );
    },
  },
  {
    id: "AT-B08",
    promise:
      "a vacation reply goes out once to a person, only within its dates, and never to a list or a bounce",
    async run(server) {
      const { receivers } = server.lab;
      const today = new Date().toISOString().slice(0, 10);
      const rule = (comparison: string) => `require ["vacation", "date", "relational"];
if currentdate :value "${comparison}" "date" "${today}" { vacation :days 7 :subject "Away" "I am away."; }
`;
      const away = (mail: { raw: string; recipients: readonly string[] }) =>
        /^Subject: Away/m.test(mail.raw) && mail.recipients.some((address) => address.startsWith("vacation"));
      const replies = async () => (await receivers.inbox()).filter(away).length;
      const receive = async (from: string, extraHeader = "", envelopeSender = from) => {
        const subject = uniqueSubject("AT-B08");
        const to = `dora@${server.domain}`;
        const id = `<${subject.replaceAll(" ", ".")}@receiver.example>`;
        await server.lab.receivers
          .send({
            from,
            envelopeSender,
            to,
            raw: `From: ${from}\r\nTo: ${to}\r\nSubject: ${subject}\r\nMessage-ID: ${id}\r\nDate: ${new Date().toUTCString()}\r\n${extraHeader}\r\nHello Dora.\r\n`,
          })
          .then((reply) => assert.equal(reply.code, 250, reply.text));
        await awaitLetter(server, "dora", { subject });
      };
      await receivers.clear();
      await installSieve(server, "dora", rule("lt"));
      await receive("vacation-early@receiver.example");
      await installSieve(server, "dora", rule("ge"));
      await receive(
        "vacation-list@receiver.example",
        "List-Id: <list.receiver.example>\r\nPrecedence: list\r\n",
      );
      await receive("vacation-auto@receiver.example", "Auto-Submitted: auto-generated\r\n");
      await receive("vacation-bounce@receiver.example", "", "");
      await receive("vacation-friend@receiver.example");
      await receivers.waitForMail(away);
      await receive("vacation-friend@receiver.example");
      // A later letter of another person has its reply, so a second reply to the first would have come by then.
      await receive("vacation-other@receiver.example");
      await server.waitFor("the second person's reply", async () =>
        (await replies()) >= 2 ? true : undefined,
      );
      const told = (await receivers.inbox()).filter(away).flatMap((mail) => mail.recipients);
      assert.deepEqual(told.toSorted(), [
        "vacation-friend@receiver.example",
        "vacation-other@receiver.example",
      ]);
    },
  },
  {
    id: "AT-B09",
    promise: "mail of root and of cron reaches the postmaster",
    async run(server) {
      const subject = uniqueSubject("AT-B09");
      await server.shell(`printf 'Subject: %s\\n\\nroot mail\\n' "$1" | /usr/sbin/sendmail root`, subject);
      await awaitLetter(server, "postmaster", { subject });
      const cronSubject = uniqueSubject("AT-B09");
      await server.shell(
        `printf 'Subject: %s\\n\\ncron mail\\n' "$1" | /usr/sbin/sendmail -i -FCronDaemon -B8BITMIME -oem www-data`,
        cronSubject,
      );
      await awaitLetter(server, "postmaster", { subject: cronSubject });
    },
  },
  {
    id: "AT-B09",
    promise: "every domain has a postmaster, also where nobody was named (RFC 5321 §4.5.1)",
    async run(server) {
      await server.setEntries(mailboxEntry(`info@${server.otherDomain}`));
      await server.withTarget({ stack: { ...server.target.stack, postmaster: null } }, async () => {
        for (const name of ["postmaster", "abuse"]) {
          const subject = uniqueSubject("AT-B09");
          await server.receive({ to: `${name}@${server.otherDomain}`, subject });
          await awaitLetter(server, `info@${server.otherDomain}`, { subject });
        }
        const session = await server.openPort25();
        await session.command("MAIL FROM:<eve@receiver.example>");
        for (const to of ["postmaster", `postmaster@${server.target.hostname}`])
          assert.equal((await session.command(`RCPT TO:<${to}>`)).code, 250, to);
        assert.equal((await session.command(`RCPT TO:<nobody-here@${server.otherDomain}>`)).code, 550);
        session.close();
        const subject = uniqueSubject("AT-B09");
        await server.shell(
          `printf 'Subject: %s\\n\\nx\\n' "$1" | /usr/sbin/sendmail postmaster@"$2"`,
          subject,
          server.target.hostname,
        );
        await server.waitFor("root's mail on the host", async () =>
          (await server.host.exec(["grep", "-q", subject, "/var/mail/root"])).code === 0 ? true : undefined,
        );
      });
    },
  },
  {
    id: "AT-B10",
    promise:
      "the server is no open relay: outside to outside is refused for every client but a signed-in one",
    async run(server) {
      const session = await server.openPort25();
      for (const from of ["eve@receiver.example", `ann@${server.domain}`, `root@${server.target.hostname}`]) {
        await session.command(`MAIL FROM:<${from}>`);
        for (const to of [
          "<frank@gmail.com>",
          `<frank%gmail.com@${server.domain}>`,
          `<@${server.domain}:frank@gmail.com>`,
          `<"frank@gmail.com"@${server.domain}>`,
        ]) {
          const reply = await session.command(`RCPT TO:${to}`);
          assert.ok(reply.code >= 500, `${from} to ${to}: ${reply.text}`);
        }
        await session.command("RSET");
      }
      session.close();
      const submission = await SmtpSession.open(await server.port(465), { isTls: true });
      await submission.command("EHLO client.example");
      await submission.command(`MAIL FROM:<ann@${server.domain}>`);
      const refused = await submission.command("RCPT TO:<frank@gmail.com>");
      assert.ok(refused.code >= 500, refused.text);
      submission.close();
      // A container of the host's own, or a machine beside it in a private network, is a client like any other.
      await server.shell("ip route replace 172.17.0.0/24 dev eth0");
      try {
        const text = await talkFrom(server, "172.17.0.2", {
          isPatient: true,
          lines: ["EHLO container.example", "MAIL FROM:<eve@receiver.example>", "RCPT TO:<frank@gmail.com>"],
        });
        assert.match(text, /^55[04] 5\.7\.1 .*Relay access denied/m);
      } finally {
        await server.shell("ip route del 172.17.0.0/24 dev eth0");
      }
    },
  },
  {
    id: "AT-B12",
    promise: "a client that talks before the greeting is refused, and a patient one passes",
    async run(server) {
      const text = await talkFrom(server, "198.51.100.221", {
        isPatient: false,
        lines: ["EHLO hasty.example", "MAIL FROM:<eve@receiver.example>", `RCPT TO:<ann@${server.domain}>`],
      });
      assert.match(text, /^550 5\.5\.1 Protocol error/m);
      const patient = await server.openPort25();
      await patient.command("MAIL FROM:<eve@receiver.example>");
      assert.equal((await patient.command(`RCPT TO:<ann@${server.domain}>`)).code, 250);
      patient.close();
    },
  },
  {
    id: "AT-B13",
    promise: "bare line feeds, messages over the limit and mail that goes round are refused",
    async run(server) {
      const envelope = async () => {
        const session = await server.openPort25();
        await session.command("MAIL FROM:<eve@receiver.example>");
        await session.command(`RCPT TO:<ann@${server.domain}>`);
        await session.command("DATA");
        return session;
      };
      const smuggler = await envelope();
      const subject = uniqueSubject("AT-B13");
      smuggler.write(
        `Subject: first\r\n\r\nbody\n.\nMAIL FROM:<x@receiver.example>\nRCPT TO:<ann@${server.domain}>\nDATA\nSubject: ${subject}\n\nsmuggled\r\n.\r\n`,
      );
      assert.match((await smuggler.readReply()).text, /^5\d\d 5\.5\.2 .*bare <LF>/);
      smuggler.close();

      const big = await server.openPort25();
      const limit = server.target.stack.messageSizeMaxBytes;
      const refused = await big.command(`MAIL FROM:<eve@receiver.example> SIZE=${limit + 1}`);
      big.close();
      assert.match(refused.text, /^552 5\.3\.4/);
      const silent = await envelope();
      const line = `${"x".repeat(74)}\r\n`;
      silent.write(`Subject: big\r\n\r\n${line.repeat(Math.ceil(limit / line.length))}.\r\n`);
      assert.match(
        (await silent.readReply()).text,
        /^552 5\.3\.4/,
        "the limit holds for who names no size too",
      );
      silent.close();

      const loop = await envelope();
      loop.write(
        `${"Received: from a.example by b.example; Mon, 1 Jan 2024 00:00:00 +0000\r\n".repeat(60)}Subject: loop\r\n\r\nx\r\n.\r\n`,
      );
      assert.match((await loop.readReply()).text, /^554 5\.4\.[06] .*too many hops/i);
      loop.close();
      await inMailbox(server, "ann", async (client) => {
        assert.deepEqual(await findLetters(client, subject), []);
      });
    },
  },
  {
    id: "AT-B14",
    promise: "VRFY and EXPN tell nothing, and a client must introduce itself in proper form",
    async run(server) {
      const session = await SmtpSession.open(await server.port(25));
      assert.equal((await session.command("MAIL FROM:<eve@receiver.example>")).code, 503);
      assert.ok((await session.command(`VRFY ann@${server.domain}`)).code >= 500);
      assert.ok((await session.command("EXPN staff")).code >= 500);
      for (const name of ["not_a..name", "localhost", server.target.hostname]) {
        await session.command(`EHLO ${name}`);
        await session.command("MAIL FROM:<eve@receiver.example>");
        const reply = await session.command(`RCPT TO:<ann@${server.domain}>`);
        assert.ok(reply.code >= 500, `EHLO ${name}: ${reply.text}`);
        await session.command("RSET");
      }
      session.close();
    },
  },
];
