import type { ReplyCategory } from "../delivery/index.ts";
import type { DeliveryAction } from "./delivery-status.ts";
import type { SmtpStage } from "./smtp-stage.ts";

/** What decides whether an address is dead. */
export interface HardBounceFacts {
  readonly category: ReplyCategory;
  /** The rule by which the category was told. */
  readonly ruleId: string | null;
  readonly action: DeliveryAction;
  readonly status: string | null;
  readonly replyCode: string | null;
  /** The command that the reply answers, where it is known. */
  readonly stage: SmtpStage | null;
  /** What the other side said. */
  readonly said: string;
}

// A host, or a domain, that says it never takes any mail (RFC 7504 §3).
const takesNoMailCodes: readonly string[] = ["521", "556"];
const takesNoMailRule = "bounce-takes-no-mail";

/**
 * A bounce is hard when nobody will ever take mail at the address: the mailbox or its domain does not
 * exist, or takes no mail at all. A refusal for any other reason says nothing about the address, however final it is for the message.
 */
export function isHardBounce(facts: HardBounceFacts): boolean {
  const { category, ruleId, action, status, replyCode, stage, said } = facts;
  if (action !== "failed") return false;
  // A bare "550 User unknown" that may as well answer the message itself is what filters say of living addresses.
  const isVague = replyCode !== null && (status ?? "5.0.0") === "5.0.0" && stage === null;
  if (isVague && /user unknown|unknown user/i.test(said)) return false;
  const isTemporary = (status ?? replyCode ?? "5").startsWith("4");
  const isNobodyThere = category === "unknown-user" || category === "dns-failure";
  const takesNoMail =
    ruleId === takesNoMailRule || (category === "policy" && takesNoMailCodes.includes(replyCode ?? ""));
  return !isTemporary && (isNobodyThere || takesNoMail);
}
