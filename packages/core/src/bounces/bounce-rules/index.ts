import type { ReplyRule } from "../../delivery/index.ts";
import { earlyRules } from "./early-rules.ts";
import { recipientRules } from "./recipient-rules.ts";
import { senderRules } from "./sender-rules.ts";
import { systemRules } from "./system-rules.ts";
import { vagueRules } from "./vague-rules.ts";

/**
 * What bounces say and SMTP replies do not. `before` goes first because wider words of the classifier would take it
 * otherwise; `after` is tried where the classifier knows no words; `vague` words say less than a status code and come after it.
 */
export const bounceRules: Readonly<Record<"before" | "after" | "vague", readonly ReplyRule[]>> = {
  before: earlyRules,
  after: [...senderRules, ...recipientRules, ...systemRules],
  vague: vagueRules,
};
