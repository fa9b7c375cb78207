import assert from "node:assert/strict";
import type { AcceptanceCase } from "../acceptance-case.ts";
import { uniqueSubject } from "../mail-host.ts";

const folder = "/var/lib/mailstead-reports";
const archive = Buffer.from("PK\u0003\u0004 no archive that anybody opens").toString("base64");

/** Reports: the address of the host at which receivers and feedback loops report. */
export const reportCases: readonly AcceptanceCase[] = [
  {
    id: "AT-B16",
    promise:
      "a report from outside lies unharmed and unread in the folder for reports; a letter that a person gets too is judged as ever",
    async run(server) {
      const address = `mailstead-reports@${server.target.hostname}`;
      const subject = uniqueSubject("AT-B16");
      await server.receive({
        to: address,
        subject,
        raw: `From: noreply@receiver.example\r\nTo: ${address}\r\nSubject: ${subject}\r\nMIME-Version: 1.0\r\nContent-Type: application/zip; name="r.zip"\r\nContent-Transfer-Encoding: base64\r\n\r\n${archive}\r\n`,
      });
      const kept = await server.waitFor("the report in its folder", async () => {
        const text = await server.shell(`cat ${folder}/*.eml 2>/dev/null || true`);
        return text.includes(subject) ? text : undefined;
      });
      assert.ok(kept.includes(archive), "the archive arrives as it was sent");
      assert.equal(
        (await server.shell(`stat -c '%U %a' ${folder} ${folder}/*.eml | sort -u`)).trim(),
        "mailstead-reports 600\nmailstead-reports 700",
      );
      // From an address that the sender's SPF does not name.
      const forgedTo = async (...recipients: readonly string[]) => {
        const session = await server.openPort25();
        await session.command("MAIL FROM:<eve@receiver.example>");
        for (const to of recipients) assert.equal((await session.command(`RCPT TO:<${to}>`)).code, 250, to);
        assert.equal((await session.command("DATA")).code, 354);
        const reply = await session.command(
          `From: eve@receiver.example\r\nSubject: ${uniqueSubject("AT-B16")}\r\n\r\nhello\r\n.`,
        );
        session.close();
        return reply.text;
      };
      assert.match(await forgedTo(address), /^250 /);
      assert.match(await forgedTo(address, `ann@${server.domain}`), /^554 5\.7\.1 /);
    },
  },
];
