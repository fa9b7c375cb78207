import assert from "node:assert/strict";
import type { AcceptanceCase } from "../acceptance-case.ts";
import { aliasEntry, type MailHost, uniqueSubject } from "../mail-host.ts";

/** Group C, of receivers that have routes of their own. */
export const providerRouteCases: readonly AcceptanceCase[] = [
  {
    id: "AT-C05",
    promise:
      "a measure about one provider has its mail alone leave by a transport of its own, forwards among it with our envelope sender, and ends without a trace",
    async run(server) {
      const gmail = "frank@gmail.com";
      await server.setEntries(aliasEntry(`measured@${server.domain}`, [gmail]));
      const limits = { connectionsMax: 1, secondsBetweenMessages: 1, recipientsPerMessageMax: 5 };
      const id = "0193a5b0-7c1e-7000-8000-00000000000a";
      const measures = [
        { id, kind: "throttle", provider: "gmail", limits },
        { id, kind: "prefer-ipv4", provider: "gmail", limits: null },
      ];
      await server.withTarget({ measures }, async () => {
        const own = `ann@${server.domain}`;
        assert.match(await sendFrom(server, own, gmail), /\/to-gmail\/smtp/);
        assert.match(await sendFrom(server, own, "eve@receiver.example"), /postfix\/smtp\[/);
        const subject = uniqueSubject("AT-C05");
        await forward(server, { to: `measured@${server.domain}`, subject });
        const forwarded = await server.lab.receivers.waitForMail(({ raw }) => raw.includes(subject));
        assert.match(forwarded.sender, /^SRS0=/);
        assert.match(forwarded.client, /^\d+\.\d+\.\d+\.\d+$/);
      });
      assert.match(await sendFrom(server, `ann@${server.domain}`, gmail), /postfix\/smtp\[/);
    },
  },
];

/** Sends a message as a mailbox here and gives the line of the log by which it left the host. */
async function sendFrom(server: MailHost, from: string, to: string): Promise<string> {
  const subject = uniqueSubject("AT-C05");
  const session = await server.openSubmission("ann");
  const message = `From: ${from}\nTo: ${to}\nSubject: ${subject}\n\nHello.`;
  const reply = await session.send({ from, to, message });
  session.close();
  assert.equal(reply.code, 250, reply.text);
  await server.lab.receivers.waitForMail(({ raw }) => raw.includes(subject));
  return await server.waitFor("the line of its delivery", async () => {
    const log = await server.shell(
      "journalctl -o short --no-pager -n 400 -t postfix/smtp -t postfix/to-gmail/smtp",
    );
    return log
      .split("\n")
      .findLast(
        (line) =>
          line.includes(`to=<${to}>`) && line.includes("status=sent") && !line.includes("relay=127.0.0.1"),
      );
  });
}

/** Sends what somebody else wrote through an alias of this host. */
async function forward(server: MailHost, { to, subject }: { to: string; subject: string }): Promise<void> {
  await server.shell(
    `printf 'From: root@%s\\nTo: eve@receiver.example\\nSubject: %s\\n\\nx\\n' "$1" "$2" | /usr/sbin/sendmail -f stranger@outlook.com "$3"`,
    server.target.hostname,
    subject,
    to,
  );
}
