import { z } from "zod";
import type { MailTree } from "./mail-tree.ts";

const recipient = z.object({
  emailAddress: z.string().max(320),
  action: z.string().max(40).optional(),
  status: z.string().max(40).optional(),
  diagnosticCode: z.string().max(4000).optional(),
});

const notification = z.object({
  notificationType: z.string().max(40).optional(),
  eventType: z.string().max(40).optional(),
  mail: z.object({ messageId: z.string().max(250).optional() }).optional(),
  bounce: z.object({ bouncedRecipients: z.array(recipient).max(1000) }).optional(),
  complaint: z.object({ complainedRecipients: z.array(recipient).max(1000) }).optional(),
  delivery: z
    .object({
      recipients: z.array(z.string().max(320)).max(1000),
      smtpResponse: z.string().max(4000).optional(),
    })
    .optional(),
});

/** What Amazon SES tells by mail through SNS, in the fields of a delivery status notification. */
export type SesNotification =
  | { kind: "status"; fields: string }
  | { kind: "feedback"; recipients: readonly string[] };

/** Reads a notification of Amazon SES that stands as JSON in the text of a mail; null for any other mail. */
export function readSesNotification(mail: MailTree): SesNotification | null {
  const text = mail.text.trimStart();
  if (!text.startsWith("{") || !/"(?:notificationType|eventType)"/.test(text)) return null;
  const parsed = notification.safeParse(parseJson(text.slice(0, text.lastIndexOf("}") + 1)));
  if (!parsed.success) return null;
  const { bounce, complaint, delivery } = parsed.data;
  if (complaint !== undefined) {
    return {
      kind: "feedback",
      recipients: complaint.complainedRecipients.map(({ emailAddress }) => emailAddress),
    };
  }
  const groups = [
    ...(bounce?.bouncedRecipients ?? []).map((one) => ({ ...one, action: one.action ?? "failed" })),
    ...(delivery?.recipients ?? []).map((emailAddress) => ({
      emailAddress,
      action: "delivered",
      status: /\d\.\d+\.\d+/.exec(delivery?.smtpResponse ?? "")?.[0] ?? "2.0.0",
      diagnosticCode: delivery?.smtpResponse,
    })),
  ];
  return groups.length === 0 ? null : { kind: "status", fields: groups.map(toFields).join("\n\n") };
}

function toFields({ emailAddress, action, status, diagnosticCode }: z.infer<typeof recipient>): string {
  const fields = {
    "Final-Recipient": `rfc822; ${emailAddress}`,
    Action: action,
    Status: status,
    "Diagnostic-Code": diagnosticCode,
  };
  return Object.entries(fields)
    .flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value.replaceAll(/\s+/g, " ")}`]))
    .join("\n");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
