import type { ReplyCategory } from "../delivery/index.ts";
import type { DeliveryAction } from "./delivery-status.ts";

/** What decides whether an address is dead. */
export interface HardBounceFacts {
  readonly category: ReplyCategory;
  readonly action: DeliveryAction;
  readonly status: string | null;
  readonly replyCode: string | null;
}

// A host, or a domain, that says it never takes any mail (RFC 7504 §3).
const takesNoMailCodes: readonly string[] = ["521", "556"];

/**
 * A bounce is hard when nobody will ever take mail at the address: the mailbox or its domain does not
 * exist, or takes no mail at all. A refusal for any other reason says nothing about the address, however final it is for the message.
 */
export function isHardBounce({ category, action, status, replyCode }: HardBounceFacts): boolean {
  if (action !== "failed") return false;
  const isTemporary = (status ?? replyCode ?? "5").startsWith("4");
  const isNobodyThere = category === "unknown-user" || category === "dns-failure";
  return (
    !isTemporary && (isNobodyThere || (category === "policy" && takesNoMailCodes.includes(replyCode ?? "")))
  );
}
