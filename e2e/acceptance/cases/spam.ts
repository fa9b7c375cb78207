import assert from "node:assert/strict";
import type { AcceptanceCase } from "../acceptance-case.ts";
import { type MailHost, mailboxEntry, uniqueSubject } from "../mail-host.ts";
import { awaitLetter, findLetters, hasLetter, headersOf, inMailbox } from "../mailbox-session.ts";
import { sendOutside } from "./outbound.ts";

// Rspamd's test texts: one for each action, after the original that every filter knows.
const gtube = (letter: "X" | "Y" | "Z") =>
  `${letter}JS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X`;

/** Group D: spam and viruses. */
export const spamCases: readonly AcceptanceCase[] = [
  {
    id: "AT-D02",
    promise:
      "GTUBE is refused; its add-header form goes to Junk with X-Spam; its rewrite-subject form gets a new subject",
    async run(server) {
      const to = `ann@${server.domain}`;
      const refused = await server.lab.receivers.send({
        from: "eve@receiver.example",
        to,
        subject: uniqueSubject("AT-D02"),
        text: `${gtube("X")}\n`,
      });
      assert.equal(refused.code, 554, refused.text);
      assert.match(refused.text, /5\.7\.1/);

      const marked = uniqueSubject("AT-D02");
      await server.receive({ to, subject: marked, text: `${gtube("Y")}\n` });
      const source = await awaitLetter(server, "ann", { subject: marked, folder: "Junk" });
      assert.match(headersOf(source), /^X-Spam: Yes$/m);
      assert.equal(await hasLetter(server, "ann", { subject: marked }), false);

      const rewritten = uniqueSubject("AT-D02");
      await server.receive({ to, subject: rewritten, text: `${gtube("Z")}\n` });
      const changed = await server.waitFor("the rewritten letter", async () => {
        for (const folder of ["INBOX", "Junk"]) {
          const [letter] = await inMailbox(server, "ann", (client) => findLetters(client, rewritten, folder));
          if (letter) return letter.source;
        }
        return undefined;
      });
      assert.match(headersOf(changed), /^Subject: \*\*\* SPAM \*\*\* /m);
    },
  },
  {
    id: "AT-D04",
    promise: "ham is delivered to the inbox without a spam mark",
    async run(server) {
      const subject = uniqueSubject("AT-D04");
      const to = `ann@${server.domain}`;
      await server.receive({
        to,
        subject,
        raw: `From: Eve <eve@receiver.example>\r\nTo: ${to}\r\nSubject: ${subject}\r\nDate: ${new Date().toUTCString()}\r\nMessage-ID: <${subject.replaceAll(" ", ".")}@receiver.example>\r\n\r\nShall we have lunch on Tuesday?\r\n`,
      });
      const headers = headersOf(await awaitLetter(server, "ann", { subject }));
      assert.doesNotMatch(headers, /^X-Spam(-Flag)?: Yes/im);
      assert.match(headers, /^Authentication-Results: .*dkim=pass.*/m);
      assert.match(headers, /^Authentication-Results: .*spf=pass.*/m);
      assert.match(headers, /^Authentication-Results: .*dmarc=pass.*/m);
    },
  },
  {
    id: "AT-D05",
    promise: "moving a message to Junk teaches Rspamd spam, and moving it back teaches it ham",
    async run(server) {
      await server.setEntries(mailboxEntry(`learner@${server.domain}`));
      const subject = uniqueSubject("AT-D05");
      const words = Array.from({ length: 80 }, (_, index) => `word${index}${subject.slice(-4)}`).join(" ");
      await server.receive({ to: `learner@${server.domain}`, subject, text: `${words}\n` });
      await awaitLetter(server, "learner", { subject });
      const move = async (from: string, to: string) =>
        inMailbox(server, "learner", async (client) => {
          const [letter] = await findLetters(client, subject, from);
          assert.ok(letter, `the letter lies in ${from}`);
          const lock = await client.getMailboxLock(from);
          try {
            await client.messageMove(String(letter.uid), to, { uid: true });
          } finally {
            lock.release();
          }
        });
      const before = await learnedBySymbol(server);
      await move("INBOX", "Junk");
      await server.waitFor("one more spam learned", async () =>
        (await learnedBySymbol(server)).spam > before.spam ? true : undefined,
      );
      const between = await learnedBySymbol(server);
      await move("Junk", "INBOX");
      await server.waitFor("one more ham learned", async () =>
        (await learnedBySymbol(server)).ham > between.ham ? true : undefined,
      );
    },
  },
  {
    id: "AT-D07",
    promise:
      "what signed-in people write is not scored as if it came from a stranger, unless the server is told to",
    async run(server) {
      const to = `bob@${server.domain}`;
      const lure = "VIAGRA CIALIS!!! 100% FREE MONEY $$$\n".repeat(5);
      const message = (from: string, subject: string) =>
        [
          `From: "paypal@${server.domain}" <${from}>`,
          "To: undisclosed-recipients:;",
          `Subject: ${subject} FREE!!!`,
          `Date: ${new Date().toUTCString()}`,
          `Message-ID: <${subject.replaceAll(" ", ".")}@client.example>`,
          "X-Priority: 1",
          "MIME-Version: 1.0",
          "Content-Type: text/html",
          "",
          `<html><body><font color="white">${lure}</font>`,
          '<a href="http://198.51.100.99/win">https://www.paypal.com/signin</a></body></html>',
        ].join("\n");
      const submit = async (subject: string) => {
        const session = await server.openSubmission("ann");
        const from = `ann@${server.domain}`;
        const reply = await session.send({ from, to, message: message(from, subject) });
        session.close();
        assert.equal(reply.code, 250, reply.text);
      };
      const expectMarked = async (subject: string) => {
        const source = await awaitLetter(server, "bob", { subject, folder: "Junk" });
        assert.match(headersOf(source), /^X-Spam: Yes$/m);
      };
      // The same words from outside are what a filter is for: whoever looks like that is at least asked to come again.
      const strange = uniqueSubject("AT-D07");
      const judged = await server.lab.receivers.send({
        from: "eve@receiver.example",
        to,
        raw: message("eve@receiver.example", strange).replaceAll("\n", "\r\n"),
      });
      assert.match(judged.text, /4\.7\.1 Try again later/);

      const own = uniqueSubject("AT-D07");
      await submit(own);
      assert.doesNotMatch(headersOf(await awaitLetter(server, "bob", { subject: own })), /^X-Spam/m);

      const stack = { ...server.target.stack, scoresSubmissions: true };
      await server.withTarget({ stack }, async () => {
        const scored = uniqueSubject("AT-D07");
        await submit(scored);
        await expectMarked(scored);
        const harmless = uniqueSubject("AT-D07");
        await sendOutside(server, { subject: harmless });
        const { raw } = await server.lab.receivers.waitForMail((mail) => mail.raw.includes(harmless));
        assert.doesNotMatch(headersOf(raw), /^X-Spam/m);
      });
    },
  },
];

/** How many messages Rspamd has learned of each class. */
async function learnedBySymbol(server: MailHost): Promise<{ spam: number; ham: number }> {
  const read = (field: string) =>
    server.shell('redis-cli -s /run/redis/redis-server.sock hget RS "$1"', field).then(Number);
  return { spam: await read("learns_spam"), ham: await read("learns_ham") };
}
