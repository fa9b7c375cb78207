import assert from "node:assert/strict";
import { dkimVerify } from "mailauth/lib/dkim/verify.js";
import type { AcceptanceCase } from "../acceptance-case.ts";
import { aliasEntry, type MailHost, mailboxEntry, password, uniqueSubject } from "../mail-host.ts";
import { awaitLetter, findLetters, headersOf, inMailbox } from "../mailbox-session.ts";
import { sealSecret } from "../seal-secret.ts";
import { startSmarthost } from "../smarthost.ts";
import { SmtpSession } from "../smtp-session.ts";

/** Group C: what the server sends, in whose name, and by which way. */
export const outboundCases: readonly AcceptanceCase[] = [
  {
    id: "AT-C02",
    promise:
      "submitted mail does not tell where its sender sits nor which program was used, has one signed Feedback-ID, and what is attached to it stays as it was",
    async run(server) {
      const subject = uniqueSubject("AT-C02");
      await sendOutside(server, {
        subject,
        headers: "User-Agent: SecretMailer 1.0\nX-Mailer: SecretMailer\nX-Originating-IP: [192.0.2.77]\n",
      });
      const { raw } = await server.lab.receivers.waitForMail((mail) => mail.raw.includes(subject));
      const headers = headersOf(raw);
      assert.doesNotMatch(headers, /SecretMailer|192\.0\.2\.77|client\.example|198\.51\.100\.1[^0-9]/);
      assert.match(headers, new RegExp(`^Received: by ${server.target.hostname} .*with ESMTPSA`, "m"));
      assert.deepEqual(await feedbackIdsOf(server, raw), [
        `s${server.target.serverId.slice(-12)}:submission:mailstead:ms0000000000aa`,
      ]);

      const attached = [
        "Received: from evil.example (evil.example [192.0.2.66])",
        "\tby mx.victim.example (Postfix) with ESMTP id ABC123",
        "X-Originating-IP: [192.0.2.77]",
        "User-Agent: EvilMailer 6.6",
        "From: phisher@evil.example",
        "Subject: inner",
      ].join("\n");
      const report = uniqueSubject("AT-C02");
      await sendOutside(server, {
        subject: report,
        // Whoever sends for many customers tells them apart by an identifier of its own.
        headers:
          'Feedback-ID: spring:shop:letter:sender9\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="part"\n',
        text: `--part\nContent-Type: text/plain\n\nSee what I got.\n--part\nContent-Type: message/rfc822\n\n${attached}\n\nPhish.\n--part--`,
      });
      const sent = await server.lab.receivers.waitForMail((mail) => mail.raw.includes(report));
      assert.ok(sent.raw.replaceAll("\r\n", "\n").includes(attached), sent.raw);
      assert.deepEqual(await feedbackIdsOf(server, sent.raw), ["spring:shop:letter:sender9"]);
    },
  },
  {
    id: "AT-C04",
    promise:
      "a mailbox and a domain write to their hourly number of recipients; then mail is deferred, the postmaster told once, others go on, and the hour passes",
    async run(server) {
      const [mailbox, neighbour] = [`rate@${server.otherDomain}`, `rate-2@${server.otherDomain}`];
      const elsewhere = `rate@${server.domain}`;
      await server.setEntries(
        mailboxEntry(mailbox),
        mailboxEntry(neighbour),
        mailboxEntry(elsewhere),
        mailboxEntry(`postmaster@${server.otherDomain}`),
      );
      const limits = { sendsPerMailboxPerHourMax: 6, sendsPerDomainPerHourMax: 9 };
      const submit = async (address: string) =>
        SmtpSession.submit(await server.port(587), { address, password });
      await server.withTarget({ stack: { ...server.target.stack, ...limits } }, async () => {
        // What other cases have sent within the hour is not to count here.
        await server.shell(
          `redis-cli -s /run/redis/redis-server.sock EVAL "for _, name in ipairs(redis.call('KEYS', 'mailstead_sent_*')) do redis.call('DEL', name) end" 0`,
        );
        const session = await submit(mailbox);
        assert.match(await sendToMany(session, mailbox, 7), /^554 5\.7\.1 .*at most 6 recipients/);
        assert.match(await sendToMany(session, mailbox, 4), /^250 /);
        assert.match(await sendToMany(session, mailbox, 3), /^4\d\d 4\.7\.1 .*This mailbox/);
        assert.match(await sendToMany(session, mailbox, 2), /^250 /);
        assert.match(await sendToMany(session, mailbox, 1), /^4\d\d 4\.7\.1 .*This mailbox/);
        const second = await submit(neighbour);
        assert.match(await sendToMany(second, neighbour, 3), /^250 /);
        assert.match(await sendToMany(second, neighbour, 1), /^4\d\d 4\.7\.1 .*This domain/);
        second.close();
        const other = await submit(elsewhere);
        assert.match(await sendToMany(other, elsewhere, 1), /^250 /);
        other.close();

        const postmaster = `postmaster@${server.otherDomain}`;
        for (const who of [mailbox, server.otherDomain]) {
          const told = `${who} has reached its limit of recipients`;
          const letter = await awaitLetter(server, postmaster, { subject: told });
          assert.match(headersOf(letter), /^Return-Path: <>$/m);
        }
        const after = uniqueSubject("AT-C04");
        await server.receive({ to: postmaster, subject: after });
        await awaitLetter(server, postmaster, { subject: after });
        await inMailbox(server, postmaster, async (client) => {
          assert.equal((await findLetters(client, `${mailbox} has reached its limit`)).length, 1);
        });

        // What was counted moves an hour and a minute into the past, as time would have it.
        await server.shell(
          `redis-cli -s /run/redis/redis-server.sock EVAL "for _, name in ipairs(redis.call('KEYS', 'mailstead_sent_*')) do local counted = redis.call('HGETALL', name) redis.call('DEL', name) for i = 1, #counted, 2 do redis.call('HSET', name, counted[i] - 61, counted[i + 1]) end end" 0`,
        );
        assert.match(await sendToMany(session, mailbox, 6), /^250 /);
        assert.match(await sendToMany(session, mailbox, 1), /^4\d\d 4\.7\.1 .*This mailbox/);
        session.close();
      });
    },
  },
  {
    id: "AT-C05",
    promise:
      "mail goes by the smarthost for all, by its own domain's with its password, or directly where a domain is excluded",
    async run(server) {
      const all = await startSmarthost(server, { users: {} });
      const own = await startSmarthost(server, { users: { relayuser: "relay:pass word" } });
      try {
        const relays = [
          { sendersOf: "*", smarthost: { host: all.hostname, port: all.port } },
          {
            sendersOf: server.otherDomain,
            smarthost: {
              host: own.hostname,
              port: own.port,
              username: "relayuser",
              password: sealSecret("relay:pass word", server.agent.sealingPublicKey),
            },
          },
        ];
        const other = { host: server.host.name, address: `ann@${server.otherDomain}`, password };
        await server.setEntries(mailboxEntry(other.address));
        const subject = uniqueSubject("AT-C05");
        await server.withTarget({ relays }, async () => {
          await sendOutside(server, { subject: `${subject} all` });
          await sendAs(server, other, `${subject} own`);
          await server.waitFor("mail at both smarthosts", async () =>
            all.mails.some((mail) => mail.text.includes(`${subject} all`)) &&
            own.mails.some((mail) => mail.text.includes(`${subject} own`))
              ? true
              : undefined,
          );
          assert.equal(own.mails.at(-1)?.user, "relayuser");
          const { stdout } = await server.host.exec([
            "stat",
            "-c",
            "%a %U",
            "/etc/postfix/mailstead/relay-passwords",
          ]);
          assert.equal(stdout.trim(), "600 root");
        });
        await server.withTarget(
          { relays: [relays[0], { sendersOf: server.domain, smarthost: null }] },
          async () => {
            await sendOutside(server, { subject: `${subject} direct` });
            await server.lab.receivers.waitForMail(({ raw }) => raw.includes(`${subject} direct`));
            assert.ok(!all.mails.some((mail) => mail.text.includes(`${subject} direct`)));
          },
        );
      } finally {
        await all.close();
        await own.close();
      }
    },
  },
  {
    id: "AT-C05",
    promise:
      "a smarthost that shows another host's certificate never hears the password, unless this relay is told not to mind",
    async run(server) {
      const impostor = await startSmarthost(server, {
        users: { relayuser: "relay secret" },
        certificateName: "impostor.lab",
      });
      try {
        const smarthost = {
          host: impostor.hostname,
          port: impostor.port,
          username: "relayuser",
          password: sealSecret("relay secret", server.agent.sealingPublicKey),
        };
        const relaysWith = (changes: object) => ({
          relays: [{ sendersOf: server.domain, smarthost: { ...smarthost, ...changes } }],
        });
        const subject = uniqueSubject("AT-C05");
        await server.withTarget(relaysWith({}), async () => {
          await sendOutside(server, { subject });
          await server.waitFor("the mail to be deferred", async () =>
            /certificate not (?:verified|trusted)/i.test(await server.shell("postqueue -p"))
              ? true
              : undefined,
          );
        });
        assert.deepEqual(impostor.passwordsHeard, []);
        await server.withTarget(relaysWith({ verifiesCertificate: false }), async () => {
          await server.shell("postqueue -f");
          await server.waitFor("the mail at the smarthost", async () =>
            impostor.mails.some(({ text }) => text.includes(subject)) ? true : undefined,
          );
        });
      } finally {
        await impostor.close();
      }
    },
  },
  {
    id: "AT-C05",
    promise: "mail to a server that knows only older ciphers of TLS 1.2 still goes encrypted",
    async run(server) {
      const old = await startSmarthost(server, {
        users: {},
        tls: { ciphers: "ECDHE-ECDSA-AES256-SHA384:ECDHE-RSA-AES256-SHA384", maxVersion: "TLSv1.2" },
      });
      try {
        const relays = [{ sendersOf: "*", smarthost: { host: old.hostname, port: old.port } }];
        const subject = uniqueSubject("AT-C05");
        await server.withTarget({ relays }, async () => {
          await sendOutside(server, { subject });
          const mail = await server.waitFor("the mail at the old server", async () =>
            old.mails.find(({ text }) => text.includes(subject)),
          );
          assert.equal(mail.isEncrypted, true);
        });
      } finally {
        await old.close();
      }
    },
  },
  {
    id: "AT-C11",
    promise:
      "a server set to one IP family listens on that one only and sends by that one only, and one that prefers IPv4 sends by it",
    async run(server) {
      const ports = "25|465|587|143|993|4190";
      const [ipv4, ipv6] = [/^\d+\.\d+\.\d+\.\d+$/, /:/];
      for (const [ipFamilies, client, notListening] of [
        ["ipv4-only", ipv4, /^\[/m],
        ["ipv6-only", ipv6, /^(\*|\d)/m],
        ["prefer-ipv4", ipv4, null],
      ] as const) {
        await server.withTarget({ stack: { ...server.target.stack, ipFamilies } }, async () => {
          const listening = await server.shell(
            `ss -Hlnt | awk '{print $4}' | grep -E ':(${ports})$' | grep -vE '^(127\\.|\\[::1\\])'`,
          );
          if (notListening !== null) {
            assert.equal(listening.trim().split("\n").length, ports.split("|").length, listening);
            assert.doesNotMatch(listening, notListening);
          }
          const subject = uniqueSubject("AT-C11");
          // The forward needs every part on loopback too: Rspamd, PostSRSd and the second way into Postfix.
          await server.setEntries(aliasEntry(`away@${server.domain}`, ["frank@gmail.com"]));
          await server.shell(
            `printf 'From: root@%s\\nTo: eve@receiver.example\\nSubject: %s\\n\\nx\\n' "$1" "$2" | /usr/sbin/sendmail -f stranger@outlook.com away@"$3"`,
            server.target.hostname,
            subject,
            server.domain,
          );
          const mail = await server.lab.receivers.waitForMail(({ raw }) => raw.includes(subject));
          assert.match(mail.client, client);
          assert.match(mail.sender, /^SRS0=/);
        });
      }
    },
  },
  {
    id: "AT-C12",
    promise:
      "outgoing mail of every hosted domain carries an RSA and an Ed25519 signature that the world verifies",
    async run(server) {
      const accounts = [server.domain, server.otherDomain].map((domain) => ({
        host: server.host.name,
        address: `ann@${domain}`,
        password,
      }));
      for (const account of accounts) {
        await server.setEntries(mailboxEntry(account.address));
        const subject = uniqueSubject("AT-C12");
        await sendAs(server, account, subject);
        const { facts, raw: letter } = await server.lab.receivers.waitForMail(({ raw }) =>
          raw.includes(subject),
        );
        const canonical = headersOf(letter).match(/\bc=[a-z/]+/g);
        assert.deepEqual(canonical, ["c=relaxed/relaxed", "c=relaxed/relaxed"]);
        const domain = account.address.split("@")[1];
        const passed = facts.dkim.filter((fact) => fact.result === "pass" && fact.domain === domain);
        assert.deepEqual(
          passed.map((fact) => fact.selector).toSorted(),
          ["ms202611e", "ms202611r"],
          JSON.stringify(facts),
        );
        assert.equal(facts.dmarc, "pass");
        assert.equal(facts.spf, "pass");
      }
      const local = uniqueSubject("AT-C12");
      const session = await server.openSubmission("ann");
      await session.send({
        from: `ann@${server.domain}`,
        to: `bob@${server.domain}`,
        message: `From: ann@${server.domain}\nTo: bob@${server.domain}\nSubject: ${local}\n\nHello.`,
      });
      session.close();
      assert.match(headersOf(await awaitLetter(server, "bob", { subject: local })), /^DKIM-Signature: /m);
    },
  },
];

async function sendBy(session: SmtpSession, from: string, subject: string) {
  const to = "eve@receiver.example";
  const date = new Date().toUTCString();
  return await session.send({
    from,
    to,
    message: `From: ${from}\nTo: ${to}\nDate: ${date}\nSubject: ${subject}\nMessage-ID: <${subject.replaceAll(" ", ".")}@client.example>\n\nHello.`,
  });
}

/** Sends one message to this many recipients, who all read in one mailbox; returns the reply that ended it. */
async function sendToMany(session: SmtpSession, from: string, recipients: number): Promise<string> {
  await session.command(`MAIL FROM:<${from}>`);
  for (let count = 0; count < recipients; count += 1) {
    const reply = await session.command(`RCPT TO:<bob+${count}@alpha.example>`);
    assert.equal(reply.code, 250, reply.text);
  }
  await session.command("DATA");
  session.write(`From: ${from}\r\nTo: bob@alpha.example\r\nSubject: AT-C04\r\n\r\nHello.\r\n.\r\n`);
  return (await session.readReply()).text;
}

async function sendAs(
  server: MailHost,
  account: { address: string; password: string },
  subject: string,
): Promise<void> {
  const session = await SmtpSession.submit(await server.port(587), account);
  const reply = await sendBy(session, account.address, subject);
  session.close();
  assert.equal(reply.code, 250, reply.text);
}

/** Has Ann write to a stranger. */
export async function sendOutside(
  server: MailHost,
  letter: { subject: string; headers?: string; text?: string },
): Promise<void> {
  const from = `ann@${server.domain}`;
  const session = await server.openSubmission("ann");
  const reply = await session.send({
    from,
    to: "eve@receiver.example",
    message: `From: ${from}\nTo: eve@receiver.example\nDate: ${new Date().toUTCString()}\nMessage-ID: <${letter.subject.replaceAll(" ", ".")}@${server.domain}>\nSubject: ${letter.subject}\n${letter.headers ?? ""}\n${letter.text ?? "Hello."}`,
  });
  session.close();
  assert.equal(reply.code, 250, reply.text);
}

/** What the Feedback-ID headers of a message say; each of its signatures covers them, and holds. */
async function feedbackIdsOf(server: MailHost, raw: string): Promise<string[]> {
  const keys = server.agent.report?.dkimPublicKeys ?? [];
  const { results } = await dkimVerify(Buffer.from(raw), {
    resolver: async (name: string) =>
      keys
        .filter(({ selector, domain }) => name === `${selector}._domainkey.${domain}`)
        .map(({ algorithm, publicKey }) => [
          `v=DKIM1; k=${algorithm === "ed25519" ? "ed25519" : "rsa"}; p=${publicKey}`,
        ]),
  });
  assert.deepEqual(
    results.map(({ status }) => status.result),
    ["pass", "pass"],
  );
  const unfolded = headersOf(raw).replace(/\r?\n[\t ]+/g, " ");
  for (const [signature] of unfolded.matchAll(/^DKIM-Signature: .*$/gim))
    assert.match(signature.replaceAll(" ", ""), /[:=]feedback-id[:;]/);
  return [...unfolded.matchAll(/^Feedback-ID: (.*?)\r?$/gim)].map(([, value = ""]) => value);
}
