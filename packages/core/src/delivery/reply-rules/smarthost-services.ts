import type { ReplyRule } from "../reply-rule.ts";

/**
 * What services that others send through say of their own customer. Several of them speak of an address or of too much,
 * and mean neither a recipient nor a pace: the account has to be put right.
 */
export const smarthostRules: readonly ReplyRule[] = [
  {
    id: "ses-sender-not-verified",
    category: "smtp-auth",
    text: /message rejected: e-?mail address is not verified|identities failed the check in region/i,
    tag: "not-verified",
    sample:
      "554 Message rejected: Email address is not verified. The following identities failed the check in region EU-CENTRAL-1: ann@a.example",
  },
  {
    id: "ses-account-stopped",
    category: "smtp-auth",
    text: /sending (?:is )?(?:suspended|paused|disabled) for this account|is not authorized to perform:? `?ses:send/i,
    tag: "account-stopped",
    sample: "454 Throttling failure: Sending paused for this account.",
  },
  {
    id: "mailgun-domain-not-allowed",
    category: "smtp-auth",
    text: /domain \S+ is not allowed to send:/i,
    tag: "domain-not-allowed",
    sample:
      "421 Domain mg.a.example is not allowed to send: The domain is unverified and requires DNS configuration.",
  },
  {
    id: "postmark-sender-signature",
    category: "smtp-auth",
    text: /not a sender signature|sender signature (?:is |was )?not (?:found|confirmed|verified)|no sender signature/i,
    tag: "sender-signature",
    sample: "550 5.7.1 The From address you supplied is not a Sender Signature on your account.",
  },
];
