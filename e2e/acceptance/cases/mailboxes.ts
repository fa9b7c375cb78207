import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { directoryEntrySchema } from "@mailstead/core/mailboxes";
import { createAlias, createMailbox, removeMailbox } from "@mailstead/services/mailboxes";
import type { AcceptanceCase } from "../acceptance-case.ts";
import { openDashboardDirectory } from "../dashboard-directory.ts";
import { installSieve } from "../install-sieve.ts";
import { aliasEntry, type MailHost, mailboxEntry, password, uniqueSubject } from "../mail-host.ts";
import { awaitLetter, findLetters, hasLetter, headersOf, inMailbox } from "../mailbox-session.ts";
import { SmtpSession } from "../smtp-session.ts";
import { TextSession } from "../text-session.ts";

/** Group E: how mailboxes behave. */
export const mailboxCases: readonly AcceptanceCase[] = [
  {
    id: "AT-E01",
    promise: "a quota is set and removed without a reload, for mailboxes that exist, in whole bytes only",
    async run(server) {
      const address = `quota@${server.domain}`;
      const limitOf = () =>
        inMailbox(server, "quota", async (client) => {
          const quota = await client.getQuota("INBOX");
          return quota ? quota.storage?.limit : undefined;
        });
      await server.setEntries(mailboxEntry(address, { quotaBytes: 5 * 1024 * 1024 }));
      assert.equal(await limitOf(), 5 * 1024 * 1024);
      await server.setEntries(mailboxEntry(address));
      assert.equal((await limitOf()) ?? 0, 0);
      for (const quotaBytes of [-1, 1.5, "5M", Number.NaN])
        assert.equal(directoryEntrySchema.safeParse({ ...mailboxEntry(address), quotaBytes }).success, false);
      await server.removeEntry("mailbox", address);
      const rows = await server.shell(
        `sqlite3 -readonly ${directory} "SELECT count(*) FROM mailboxes WHERE address = '$1'"`,
        address,
      );
      assert.equal(rows.trim(), "0");
    },
  },
  {
    id: "AT-E02",
    promise: "a mailbox that fills up is warned once, and mail beyond its quota is refused at SMTP",
    async run(server) {
      const address = `full@${server.domain}`;
      const alias = `full-alias@${server.domain}`;
      const chain = `full-chain@${server.domain}`;
      await server.setEntries(
        mailboxEntry(address, { quotaBytes: 200_000 }),
        aliasEntry(alias, [address]),
        aliasEntry(chain, [alias]),
        aliasEntry(`@${server.otherDomain}`, [chain]),
      );
      for (const size of [100_000, 50_000, 20_000]) {
        const subject = uniqueSubject("AT-E02");
        await server.receive({ to: address, subject, text: `${"x".repeat(70)}\n`.repeat(size / 71) });
        await awaitLetter(server, "full", { subject });
      }
      // The last one takes the mailbox past the warning's threshold, and the next ones must not warn again.
      const crossing = uniqueSubject("AT-E02");
      await server.receive({ to: address, subject: crossing, text: `${"x".repeat(70)}\n`.repeat(200) });
      await awaitLetter(server, "full", { subject: "is 90 % full" });
      const more = uniqueSubject("AT-E02");
      await server.receive({ to: address, subject: more, text: "small\n" });
      await awaitLetter(server, "full", { subject: more });
      await inMailbox(server, "full", async (client) => {
        assert.equal((await findLetters(client, "is 90 % full")).length, 1);
      });

      const session = await server.openPort25();
      await session.command("MAIL FROM:<eve@receiver.example> SIZE=150000");
      for (const to of [
        address,
        `full+detail@${server.domain}`,
        alias,
        chain,
        `whoever@${server.otherDomain}`,
      ])
        assert.match((await session.command(`RCPT TO:<${to}>`)).text, /^552 5\.2\.2 .*full/, to);
      session.close();
      await server.removeEntry("alias", `@${server.otherDomain}`);
    },
  },
  {
    id: "AT-E03",
    promise: "a deleted mailbox is gone with its quota, its sign-in and the aliases that lead only to it",
    async run(server) {
      const address = `gone@${server.domain}`;
      const [alias, shared] = [`gone-alias@${server.domain}`, `gone-shared@${server.domain}`];
      const dashboard = await openDashboardDirectory(server);
      try {
        const { owner, domainId } = dashboard;
        const made = { domainId, localPart: "gone", password, quotaBytes: 1_000_000 };
        const { mailboxId } = await createMailbox(owner, made);
        for (const [localPart, destinations] of [
          ["gone-alias", [address]],
          ["gone-shared", [address, "frank@gmail.com"]],
        ] as const)
          await createAlias(owner, { domainId, localPart, destinations: [...destinations] });
        await dashboard.carryOver();
        for (const taken of [address, alias, shared]) await expectRecipient(server, taken, 250);
        await expectSignIn(server, "gone", 235);
        // One click: which entries go with the mailbox is for the use case to know.
        await removeMailbox(owner, { mailboxId });
        await dashboard.carryOver();
      } finally {
        await dashboard.close();
      }
      await expectRecipient(server, address, 550);
      await expectRecipient(server, alias, 550);
      await expectRecipient(server, shared, 250);
      await expectSignIn(server, "gone", 535);
      const rows = await server.shell(
        `sqlite3 -readonly ${directory} "SELECT (SELECT count(*) FROM mailboxes WHERE address = '$1') + (SELECT count(*) FROM alias_destinations WHERE alias = '$2' OR destination = '$1') + (SELECT count(*) FROM alias_senders WHERE alias = '$2' OR mailbox = '$1')"`,
        address,
        alias,
      );
      assert.equal(rows.trim(), "0");
      await server.removeEntry("alias", shared);
    },
  },
  {
    id: "AT-E04",
    promise: "a new mailbox has its Drafts, Sent, Junk, Trash and Archive folders, marked with their use",
    async run(server) {
      await server.setEntries(mailboxEntry(`fresh@${server.domain}`));
      const folders = await inMailbox(server, "fresh", (client) => client.list());
      const uses = folders.map((folder) => folder.specialUse).filter((use) => use !== undefined);
      assert.deepEqual(uses.toSorted(), ["\\Archive", "\\Drafts", "\\Inbox", "\\Junk", "\\Sent", "\\Trash"]);
      assert.ok(folders.every((folder) => folder.subscribed || folder.path === "INBOX"));
    },
  },
  {
    id: "AT-E06",
    promise:
      "a disabled mailbox signs nobody in and takes no mail, nor do aliases to it; enabled again, all works",
    async run(server) {
      const address = `pause@${server.domain}`;
      const alias = `pause-alias@${server.domain}`;
      await server.setEntries(mailboxEntry(address), aliasEntry(alias, [address], [address]));
      await expectSignIn(server, "pause", 235);
      await server.setEntries(mailboxEntry(address, { isEnabled: false }));
      await expectSignIn(server, "pause", 535);
      await expectRecipient(server, address, 550);
      await expectRecipient(server, alias, 550);
      // Not even a catch-all takes what was meant for a disabled mailbox.
      await server.setEntries(aliasEntry(`@${server.domain}`, [`carol@${server.domain}`]));
      await expectRecipient(server, address, 550);
      await server.removeEntry("alias", `@${server.domain}`);
      await server.setEntries(mailboxEntry(address));
      await expectSignIn(server, "pause", 235);
      const subject = uniqueSubject("AT-E06");
      await server.receive({ to: alias, subject });
      await awaitLetter(server, "pause", { subject });
    },
  },
  {
    id: "AT-E03",
    promise: "whoever gets a deleted mailbox's address later finds neither its mail nor its sieve scripts",
    async run(server) {
      const address = `again@${server.domain}`;
      const subject = uniqueSubject("AT-E03");
      await server.setEntries(mailboxEntry(address));
      await server.receive({ to: address, subject });
      await awaitLetter(server, "again", { subject });
      await installSieve(server, "again", 'redirect "frank@gmail.com";\n');
      await server.removeEntry("mailbox", address);
      await server.setEntries(mailboxEntry(address, { mailboxId: randomUUID() }));
      assert.equal(await hasLetter(server, "again", { subject }), false);
      const next = uniqueSubject("AT-E03");
      await server.receive({ to: address, subject: next });
      await awaitLetter(server, "again", { subject: next });
      assert.ok(!(await server.lab.receivers.inbox()).some(({ raw }) => raw.includes(next)));
    },
  },
  {
    id: "AT-E06",
    promise:
      "whoever is signed in is signed out when the mailbox is disabled, deleted or gets another password",
    async run(server) {
      const address = `live@${server.domain}`;
      const changes = [
        () => server.setEntries({ ...mailboxEntry(address), passwordHash: otherHash } as never),
        () => server.setEntries(mailboxEntry(address, { isEnabled: false })),
        () => server.removeEntry("mailbox", address),
      ];
      for (const change of changes) {
        await server.setEntries(mailboxEntry(address));
        const session = await TextSession.open(await server.port(993), { isTls: true });
        await session.ask(null, /^\* OK/);
        assert.match(await session.ask(`a LOGIN "${address}" "${password}"`, /^a /), /^a OK/m);
        // A changed quota is no reason to sign anybody out.
        await server.setEntries(mailboxEntry(address, { quotaBytes: 1_000_000 }));
        assert.match(await session.ask("b SELECT INBOX", /^b /), /^b OK/m);
        await change();
        assert.match(await session.ask(null, /^\* BYE/), /BYE|connection closed/);
        session.close();
      }
    },
  },
  {
    id: "AT-E07",
    promise: "an address exists once whatever its case: mail and sign-in in capitals reach the one mailbox",
    async run(server) {
      const shouting = { ...mailboxEntry(`ann@${server.domain}`), address: `Ann@${server.domain}` };
      assert.equal(directoryEntrySchema.safeParse(shouting).success, false);
      const subject = uniqueSubject("AT-E07");
      await server.receive({ to: `ANN@${server.domain.toUpperCase()}`, subject });
      const source = await awaitLetter(server, "ann", { subject });
      assert.ok(headersOf(source).includes(subject));
      const session = await SmtpSession.open(await server.port(465), { isTls: true });
      await session.command("EHLO client.example");
      const account = server.account("ann");
      const reply = await session.authPlain({ ...account, address: account.address.toUpperCase() });
      session.close();
      assert.equal(reply.code, 235, reply.text);
    },
  },
];

const otherHash = "{ARGON2ID}$argon2id$v=19$m=8192,t=1,p=1$c2FsdHNhbHRzYWx0c2FsdA$aGFzaGhhc2hoYXNoaGFzaA";

const directory = "/var/lib/mailstead-directory/directory.sqlite";

async function expectRecipient(server: MailHost, address: string, code: number): Promise<void> {
  const session = await server.openPort25();
  await session.command("MAIL FROM:<eve@receiver.example>");
  const reply = await session.command(`RCPT TO:<${address}>`);
  session.close();
  assert.equal(reply.code, code, reply.text);
}

async function expectSignIn(server: MailHost, localPart: string, code: number): Promise<void> {
  const session = await SmtpSession.open(await server.port(465), { isTls: true });
  await session.command("EHLO client.example");
  const reply = await session.authPlain(server.account(localPart));
  session.close();
  assert.equal(reply.code, code, reply.text);
}
