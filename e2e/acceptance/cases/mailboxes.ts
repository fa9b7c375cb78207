import assert from "node:assert/strict";
import { directoryEntrySchema } from "@mailstead/core/mailboxes";
import type { AcceptanceCase } from "../acceptance-case.ts";
import { aliasEntry, type MailHost, mailboxEntry, uniqueSubject } from "../mail-host.ts";
import { awaitLetter, findLetters, headersOf, inMailbox } from "../mailbox-session.ts";
import { SmtpSession } from "../smtp-session.ts";

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
      await server.setEntries(mailboxEntry(address, { quotaBytes: 200_000 }), aliasEntry(alias, [address]));
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
      for (const to of [address, alias])
        assert.match((await session.command(`RCPT TO:<${to}>`)).text, /^552 5\.2\.2 .*full/, to);
      session.close();
    },
  },
  {
    id: "AT-E03",
    promise: "a deleted mailbox is gone with its quota, its sign-in and the aliases that lead only to it",
    async run(server) {
      const address = `gone@${server.domain}`;
      const alias = `gone-alias@${server.domain}`;
      await server.setEntries(
        mailboxEntry(address, { quotaBytes: 1_000_000 }),
        aliasEntry(alias, [address], [address]),
      );
      await expectRecipient(server, alias, 250);
      await server.removeEntry("mailbox", address);
      await server.removeEntry("alias", alias);
      await expectRecipient(server, address, 550);
      await expectRecipient(server, alias, 550);
      await expectSignIn(server, "gone", 535);
      const rows = await server.shell(
        `sqlite3 -readonly ${directory} "SELECT (SELECT count(*) FROM mailboxes WHERE address = '$1') + (SELECT count(*) FROM alias_destinations WHERE alias = '$2') + (SELECT count(*) FROM alias_senders WHERE alias = '$2')"`,
        address,
        alias,
      );
      assert.equal(rows.trim(), "0");
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
