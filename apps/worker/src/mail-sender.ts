import type { OutgoingMail, SendOutcome } from "@mailstead/services/checks";
import { createTransport } from "nodemailer";

export interface MailSender {
  send(mail: OutgoingMail): Promise<SendOutcome>;
  close(): void;
}

const connectionTimeoutMs = 30_000;
const socketTimeoutMs = 60_000;

/**
 * Sends mail through the server of an smtp:// or smtps:// address, which may hold a user and a password. Each mail has
 * the same Message-ID at every attempt. `send` never throws for what the server or the network does.
 */
export function openMailSender({ url, from }: { url: string; from: string }): MailSender {
  const transport = createTransport({
    url,
    pool: true,
    maxConnections: 1,
    connectionTimeout: connectionTimeoutMs,
    socketTimeout: socketTimeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const domain = /@([^@>\s]+)>?\s*$/.exec(from)?.[1] ?? "localhost";
  return {
    async send({ id, recipient, subject, body }) {
      try {
        await transport.sendMail({
          from,
          to: { name: "", address: recipient },
          subject,
          text: body,
          messageId: `<${id}@${domain}>`,
          // RFC 3834 §5: vacation programs answer no such mail.
          headers: { "Auto-Submitted": "auto-generated" },
        });
        return { kind: "sent" };
      } catch (cause) {
        return { kind: isRefused(cause) ? "permanent" : "temporary", problem: sentenceOf(cause) };
      }
    },
    close: () => transport.close(),
  };
}

/** Only a server's no to this recipient or message is for good; a wrong password is put right by a person. */
function isRefused(cause: unknown): boolean {
  const code = (cause as { responseCode?: unknown }).responseCode;
  const stage = String((cause as { command?: unknown }).command ?? "");
  return typeof code === "number" && code >= 500 && /^(MAIL FROM|RCPT TO|DATA)/.test(stage);
}

function sentenceOf(cause: unknown): string {
  return cause instanceof Error ? cause.message.slice(0, 500) : String(cause);
}
