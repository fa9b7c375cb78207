import { MailTrouble } from "./mail-socket.ts";
import type { SmtpAnswer, SmtpClient } from "./smtp-client.ts";
import { withoutSignIn } from "./without-sign-in.ts";

const base64 = (text: string): string => Buffer.from(text, "utf8").toString("base64");

/**
 * Signs in by the best of what the server offers. Throws MailTrouble, which repeats nothing of the password, where it is
 * refused.
 */
export async function authenticate(
  client: SmtpClient,
  offers: string,
  { username, password }: { username: string; password: string },
): Promise<void> {
  const methods = (/^AUTH[ =](.*)$/im.exec(offers)?.[1] ?? "").toUpperCase().split(/\s+/);
  const refused = "refuses the user name and password:";
  const ask = async (command: string) => withoutSignIn(await client.ask(command), { username, password });
  if (methods.includes("PLAIN")) {
    expectReply(await ask(`AUTH PLAIN ${base64(`\0${username}\0${password}`)}`), 235, refused);
    return;
  }
  if (!methods.includes("LOGIN"))
    throw new MailTrouble("offers neither AUTH PLAIN nor AUTH LOGIN on this port", "permanent");
  expectReply(await ask("AUTH LOGIN"), 334, refused);
  expectReply(await ask(base64(username)), 334, refused);
  expectReply(await ask(base64(password)), 235, refused);
}

/**
 * The text of the wanted reply or another of its class, as Postfix takes it: 251 takes a recipient too (RFC 5321 §4.2.1).
 * Throws what it said otherwise; 4xx may be gone by itself.
 */
export function expectReply({ code, text }: SmtpAnswer, wanted: number, what: string): string {
  if (classOf(code) === classOf(wanted)) return text;
  throw new MailTrouble(
    `${what} ${code} ${text.replaceAll("\n", " ")}`,
    code >= 500 ? "permanent" : "temporary",
  );
}

function classOf(code: number): number {
  return Math.floor(code / 100);
}
