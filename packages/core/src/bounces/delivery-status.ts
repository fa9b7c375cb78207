import { firstAddress } from "./address-in-text.ts";

/** What became of a message for one recipient (RFC 3464 §2.3.3). */
export type DeliveryAction = "failed" | "delayed" | "delivered" | "relayed" | "expanded";

/** The fields of one recipient in a delivery status notification; null where one is missing or empty. */
export interface RecipientStatus {
  readonly finalRecipient: string | null;
  readonly originalRecipient: string | null;
  readonly action: DeliveryAction | null;
  readonly status: string | null;
  readonly diagnostic: string | null;
  readonly remoteMta: string | null;
}

/** A `message/delivery-status` part taken apart. */
export interface DeliveryStatusReport {
  readonly reportingMta: string | null;
  readonly originalEnvelopeId: string | null;
  readonly recipients: readonly RecipientStatus[];
}

type Fields = Map<string, string>;
const recipientFields = ["original-recipient", "final-recipient", "x-actual-recipient"];
const actions: readonly DeliveryAction[] = ["failed", "delayed", "delivered", "relayed", "expanded"];
const recipientsMax = 1000;

/** Where the fields begin in a text that quotes them without a part of their own. */
export const deliveryFieldPattern = /^(?:reporting-mta|final-recipient|original-recipient)\s*:/im;

/**
 * Reads the fields of RFC 3464 §2. Servers leave out the blank line between recipients, or put one where none belongs,
 * so a recipient ends where a field comes again, not only where the RFC says.
 *
 * @example
 * parseDeliveryStatus("Final-Recipient: rfc822; a@a.example\nAction: failed\nStatus: 5.1.1").recipients[0]?.status // "5.1.1"
 */
export function parseDeliveryStatus(text: string): DeliveryStatusReport {
  const groups = groupFields(text);
  const first = groups[0] ?? new Map();
  return {
    reportingMta: hostOf(groups.find((group) => group.has("reporting-mta"))?.get("reporting-mta")),
    originalEnvelopeId: first.get("original-envelope-id") ?? null,
    recipients: onePerAddress(groups.filter(isRecipient).map(readRecipient)).slice(0, recipientsMax),
  };
}

function groupFields(text: string): Fields[] {
  const groups: Fields[] = [new Map()];
  let isFresh = false;
  let last: string | null = null;
  for (const line of text.split("\n")) {
    const group = groups.at(-1) ?? new Map<string, string>();
    const field = /^([A-Za-z][A-Za-z0-9-]{1,60})\s{0,3}:\s?(.*)$/.exec(line);
    if (line.trim() === "") isFresh = true;
    else if (field === null || /^[ \t]/.test(line)) {
      // Some servers do not indent the further lines of what the other side said.
      const isMore =
        last !== null && (/^[ \t]/.test(line) || last === "diagnostic-code") && !line.startsWith("--");
      if (isMore && last !== null) group.set(last, `${group.get(last) ?? ""} ${line.trim()}`);
    } else {
      const name = (field[1] ?? "").toLowerCase();
      const value = (field[2] ?? "").trim();
      const isNext = beginsRecipient(group, name, isFresh);
      const target = isNext ? new Map<string, string>() : group;
      if (isNext) groups.push(target);
      if (!target.has(name)) target.set(name, value);
      last = name;
      isFresh = false;
    }
  }
  return groups;
}

/** A field of the message itself is followed by a blank line; some servers put a recipient's other fields first. */
function beginsRecipient(group: Fields, name: string, isFresh: boolean): boolean {
  const isAfterMessage = isFresh && group.has("reporting-mta");
  if (!recipientFields.includes(name)) return isAfterMessage;
  const hasOther = recipientFields.some((other) => group.has(other));
  return (
    isAfterMessage || (group.has("reporting-mta") && !hasOther) || group.has(name) || (isFresh && hasOther)
  );
}

function onePerAddress(recipients: readonly RecipientStatus[]): RecipientStatus[] {
  const key = ({ finalRecipient, originalRecipient }: RecipientStatus, index: number) =>
    (finalRecipient ?? originalRecipient)?.toLowerCase() ?? `unnamed ${index}`;
  const reversed = recipients
    .map((recipient, index) => [key(recipient, index), recipient] as const)
    .reverse();
  const first = new Map(reversed);
  return [...first.values()].reverse();
}

function isRecipient(group: Fields): boolean {
  return recipientFields.some((name) => group.has(name)) || (group.has("action") && group.has("status"));
}

function readRecipient(fields: Fields): RecipientStatus {
  const action = (fields.get("action") ?? "").toLowerCase();
  const [, status] = /(?:^|[^\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])/.exec(fields.get("status") ?? "") ?? [];
  const statusWords = (fields.get("status") ?? "")
    .replace(status ?? "", "")
    .replaceAll(/[()]/g, " ")
    .trim();
  const exit = /^x-unix\s*;\s*(\d{1,3})$/i.exec(fields.get("diagnostic-code") ?? "")?.[1];
  const diagnostic =
    exit !== undefined
      ? `mail program exited with ${exit}`
      : (fields.get("diagnostic-code") ?? "")
          .replace(/^\s*(?:smtp|x-[\w-]+|dns|unix|x\.400)\s*;\s*/i, "")
          .trim();
  return {
    finalRecipient: addressOf(fields.get("final-recipient")) ?? addressOf(fields.get("x-actual-recipient")),
    originalRecipient: addressOf(fields.get("original-recipient")),
    action:
      actions.find((known) => action.startsWith(known)) ?? (action.startsWith("fail") ? "failed" : null),
    status: status ?? null,
    diagnostic: [diagnostic, statusWords].filter((text) => text !== "").join(" ") || null,
    remoteMta: hostOf(fields.get("remote-mta")),
  };
}

/** "rfc822; a@a.example" (RFC 3464 §2.1.2); a local name without an @ is kept as it stands. */
function addressOf(field: string | undefined): string | null {
  if (field === undefined) return null;
  const value = field.replace(/^[^;]{0,40};/, "").trim();
  return (firstAddress(value) ?? value.replaceAll(/[<>]/g, "").split(/\s/)[0]) || null;
}

function hostOf(field: string | undefined): string | null {
  const value = (field ?? "").replace(/^[^;]{0,40};/, "").trim();
  return value.replace(/\s*\(.*$/, "").split(/\s/)[0] || null;
}
