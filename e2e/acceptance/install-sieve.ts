import assert from "node:assert/strict";
import type { MailHost } from "./mail-host.ts";
import { TextSession } from "./text-session.ts";

const answer = /^(OK|NO|BYE)/;

/** Uploads a script by ManageSieve and makes it the active one, as a mail program does. */
export async function installSieve(server: MailHost, localPart: string, script: string): Promise<void> {
  const { address, password } = server.account(localPart);
  const session = await TextSession.open(await server.port(4190));
  await session.ask(null, answer);
  await session.ask("STARTTLS", answer);
  await session.upgradeToTls();
  await session.ask(null, answer);
  const token = Buffer.from(`\0${address}\0${password}`).toString("base64");
  assert.match(await session.ask(`AUTHENTICATE "PLAIN" "${token}"`, answer), /^OK/m);
  const put = `PUTSCRIPT "case" {${Buffer.byteLength(script)}+}\r\n${script}`;
  assert.match(await session.ask(put, answer), /^OK/m);
  assert.match(await session.ask('SETACTIVE "case"', answer), /^OK/m);
  session.close();
}
