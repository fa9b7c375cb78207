import type { HealthCheck } from "@mailstead/core/updates";
import { MailTrouble } from "../platform/mail-socket.ts";
import { SmtpClient } from "../platform/smtp-client.ts";
import { expectReply } from "../platform/smtp-conversation.ts";
import { badCheck, okCheck } from "./health-checks.ts";
import { answerWithinMs, type MailDoors } from "./mail-doors.ts";

/** Whether port 25 greets other servers with the host's name (RFC 5321 §4.3.1) and offers them TLS. */
export async function checkGreeting(hostname: string, doors: MailDoors): Promise<HealthCheck> {
  const place = `Port ${doors.smtp}`;
  let client: SmtpClient | null = null;
  try {
    const startedMs = performance.now();
    client = await SmtpClient.connect({ host: doors.address, port: doors.smtp, tls: null, answerWithinMs });
    const greeting = expectReply(await client.read(), 220, "greets with");
    const tookMs = Math.round(performance.now() - startedMs);
    const name = greeting.split(/\s/, 1)[0] ?? "";
    if (name.toLowerCase() !== hostname.toLowerCase())
      return badCheck("greeting", `${place} greets as "${name}" and not as ${hostname}.`, ["name"]);
    const offers = expectReply(await client.ask(`EHLO ${hostname}`), 250, "answers EHLO with");
    await client.ask("QUIT").catch(() => null);
    if (!/^STARTTLS$/im.test(offers))
      return badCheck("greeting", `${place} greets as ${hostname} but offers no STARTTLS.`, ["starttls"]);
    return okCheck("greeting", `${place} greets as ${hostname} after ${tookMs} ms and offers STARTTLS.`);
  } catch (error) {
    if (!(error instanceof MailTrouble)) throw error;
    return badCheck("greeting", `${place} ${error.message}.`, ["answer"]);
  } finally {
    client?.close();
  }
}
