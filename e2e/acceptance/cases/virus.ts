import assert from "node:assert/strict";
import type { AcceptanceCase } from "../acceptance-case.ts";
import { type MailHost, uniqueSubject } from "../mail-host.ts";
import { awaitLetter } from "../mailbox-session.ts";
import { expectUnitReturns } from "./operations.ts";

// The test file of EICAR in two halves, so that no scanner of this repository's own host takes offence.
const eicar = ["X5O!P%@AP[4\\PZX54(P^)7CC)7}$", "EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"].join("");

/** Needs a server whose virus scan is on. */
export const virusCase: AcceptanceCase = {
  id: "AT-D01",
  promise:
    "a message with the EICAR test virus is refused with 5.7.1, and one without it passes; a killed clamd is back soon",
  async run(server) {
    const to = `ann@${server.domain}`;
    const send = (subject: string, attachment: string) =>
      server.lab.receivers.send({
        from: "eve@receiver.example",
        to,
        raw: [
          `From: eve@receiver.example\r\nTo: ${to}\r\nSubject: ${subject}\r\nDate: ${new Date().toUTCString()}`,
          `Message-ID: <${subject.replaceAll(" ", ".")}@receiver.example>\r\nMIME-Version: 1.0`,
          'Content-Type: multipart/mixed; boundary="part"\r\n',
          "--part\r\nContent-Type: text/plain\r\n\r\nSee the file.\r\n",
          '--part\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment; filename="letter.dat"',
          `Content-Transfer-Encoding: base64\r\n\r\n${Buffer.from(attachment).toString("base64")}\r\n`,
          "--part--\r\n",
        ].join("\r\n"),
      });
    const infected = await send(uniqueSubject("AT-D01"), eicar);
    assert.equal(infected.code, 554, infected.text);
    assert.match(infected.text, /5\.7\.1/);
    const clean = uniqueSubject("AT-D01");
    assert.equal((await send(clean, "harmless")).code, 250);
    await awaitLetter(server, "ann", { subject: clean });
    await expectUnitReturns(server, "clamav-daemon.service"); // AT-J01, for the one daemon that is an option.
    await server.waitFor("viruses to be refused again", async () =>
      (await send(uniqueSubject("AT-J01"), eicar)).code === 554 ? true : undefined,
    );
  },
};

/** Once the scan is switched off, nothing of it runs or comes back at the next boot. */
export async function expectNoVirusScan(server: MailHost): Promise<void> {
  for (const unit of ["clamav-daemon.service", "clamav-daemon.socket", "clamav-freshclam.service"]) {
    const state = await server.host.exec(["systemctl", "is-active", unit]);
    assert.equal(state.stdout.trim(), "inactive", unit);
    const boot = await server.host.exec(["systemctl", "is-enabled", unit]);
    assert.notEqual(boot.stdout.trim(), "enabled", unit);
  }
  assert.equal((await server.shell("pgrep -c 'clamd|freshclam' || true")).trim(), "0");
}

/** Switched on again, it runs now and at every boot. */
export async function expectVirusScan(server: MailHost): Promise<void> {
  for (const unit of ["clamav-daemon.service", "clamav-freshclam.service"])
    for (const [question, answer] of [
      ["is-active", "active"],
      ["is-enabled", "enabled"],
    ] as const) {
      const { stdout } = await server.host.exec(["systemctl", question, unit]);
      assert.equal(stdout.trim(), answer, unit);
    }
}

/** Waits until clamd waits for signatures, and then gives them. */
export async function signaturesArriveLate(server: MailHost): Promise<void> {
  await server.waitFor(
    "clamd to wait for its signatures",
    async () => {
      const unit = ["systemctl", "show", "--property=ActiveState", "--value", "clamav-daemon.service"];
      return (await server.host.exec(unit)).stdout.trim() === "activating" ? true : undefined;
    },
    { timeoutMs: 180_000 },
  );
  await giveTestSignatures(server);
}

/**
 * Stands in for the signatures that freshclam would download: one signature, of the test file, and the names that
 * Debian's units wait for.
 */
async function giveTestSignatures(server: MailHost): Promise<void> {
  await server.shell(
    `mkdir -p /var/lib/clamav/main.inc /var/lib/clamav/daily.inc
printf '%s:%s:Eicar-Test-Signature\\n' "$(printf '%s' "$1" | md5sum | cut -d' ' -f1)" "$(printf '%s' "$1" | wc -c)" > /var/lib/clamav/test.hdb
if id clamav >/dev/null 2>&1; then chown -R clamav:clamav /var/lib/clamav; fi`,
    eicar,
  );
}
