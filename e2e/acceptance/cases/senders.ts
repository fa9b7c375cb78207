import assert from "node:assert/strict";
import type { AcceptanceCase } from "../acceptance-case.ts";
import { installSieve } from "../install-sieve.ts";
import { aliasEntry, uniqueSubject } from "../mail-host.ts";
import { headersOf } from "../mailbox-session.ts";

/** Group C, its first case: in whose name people and their scripts write. */
export const senderCases: readonly AcceptanceCase[] = [
  {
    id: "AT-C01",
    promise:
      "people send with their own addresses and aliases only, and their From header names the one they send with",
    async run(server) {
      const own = `ann@${server.domain}`;
      await server.setEntries(
        aliasEntry(`sales@${server.domain}`, [own], [own]),
        aliasEntry(`sales@${server.otherDomain}`, [own], [own]),
        aliasEntry(`board@${server.domain}`, [own]),
      );
      const session = await server.openSubmission("ann");
      const senders: readonly (readonly [address: string, isOwn: boolean])[] = [
        [own, true],
        [`sales@${server.domain}`, true],
        [`sales@${server.otherDomain}`, true],
        [`board@${server.domain}`, false],
        [`bob@${server.domain}`, false],
        ["eve@receiver.example", false],
        [`nobody-here@${server.domain}`, false],
      ];
      for (const [address, isOwn] of senders) {
        await session.command(`MAIL FROM:<${address}>`);
        const reply = await session.command("RCPT TO:<eve@receiver.example>");
        await session.command("RSET");
        if (isOwn) assert.equal(reply.code, 250, `${address}: ${reply.text}`);
        else assert.match(reply.text, /^553 5\.7\.1 .*not owned by user/, address);
      }
      const aliasAddress = `sales@${server.otherDomain}`;
      const letters: readonly (readonly [envelope: string, from: string, isTaken: boolean])[] = [
        [own, `From: Ann <${own}>`, true],
        [own, `From: "Ann, who answers" <Ann+answers@${server.domain}>`, true],
        [aliasAddress, `From: ${aliasAddress}`, true],
        [aliasAddress, `From: ${own}`, true],
        [own, "From: president@gmail.com", false],
        [own, `From: The boss <bob@${server.domain}>`, false],
        [own, `From: ${own}, bob@${server.domain}`, false],
        [own, `From: ${own}\nFrom: president@gmail.com`, false],
        [own, `From: president@gmail.com\nFrom: ${own}`, false],
        [own, "From: The boss", false],
      ];
      for (const [envelope, from, isTaken] of letters) {
        const reply = await session.send({
          from: envelope,
          to: `bob@${server.domain}`,
          message: `${from}\nTo: bob@${server.domain}\nSubject: ${uniqueSubject("AT-C01")}\n\nHello.`,
        });
        assert.match(reply.text, isTaken ? /^250 / : /^5\d\d 5\.7\.1 .*From /, from);
      }
      session.close();
    },
  },
  {
    id: "AT-C01",
    promise:
      "the script of a mailbox answers as that mailbox only, and what it passes on is not signed in anybody's name",
    async run(server) {
      const { receivers } = server.lab;
      const to = `carol@${server.domain}`;
      const receive = async (from: string) =>
        receivers.send({ from: `${from}@receiver.example`, to, subject: uniqueSubject("AT-C01") });
      const vacation = (from: string, subject: string) =>
        `require ["vacation"];\nvacation :days 1 :from "${from}" :subject "${subject}" "I am away.";\n`;
      const forged = uniqueSubject("AT-C01");
      await installSieve(server, "carol", vacation(`ceo@${server.otherDomain}`, forged));
      await receive("script-one");
      await server.waitFor("the forged answer to be refused", async () =>
        /A script writes in a From address of its own/.test(
          await server.shell("journalctl --facility=mail --since=-60s --output=cat"),
        )
          ? true
          : undefined,
      );
      const rightful = uniqueSubject("AT-C01");
      await installSieve(server, "carol", vacation(`Carol <${to}>`, rightful));
      await receive("script-two");
      const answer = await receivers.waitForMail(({ raw }) => raw.includes(rightful));
      assert.ok(answer.facts.dkim.some(({ result }) => result === "pass"));
      assert.doesNotMatch(headersOf(answer.raw), /X-Mailstead/i);

      await installSieve(server, "carol", 'redirect "frank@gmail.com";\n');
      const passedOn = uniqueSubject("AT-C01");
      const session = await server.openSubmission("bob");
      const from = `bob@${server.domain}`;
      const message = `From: ${from}\nTo: ${to}\nSubject: ${passedOn}\n\nHello.`;
      assert.equal((await session.send({ from, to, message })).code, 250);
      session.close();
      const redirected = await receivers.waitForMail(({ raw }) => raw.includes(passedOn));
      assert.match(headersOf(redirected.raw), /^X-Sieve-Redirected-From: carol@/m);
      assert.doesNotMatch(headersOf(redirected.raw), /X-Mailstead/i);
      // One of each algorithm, made when Bob submitted it, and none for Carol.
      assert.equal(headersOf(redirected.raw).match(/^DKIM-Signature:/gm)?.length, 2);
      await installSieve(server, "carol", "keep;\n");
      assert.equal(
        (await receivers.inbox()).some(({ raw }) => raw.includes(forged)),
        false,
      );
    },
  },
];
