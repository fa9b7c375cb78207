import type { ReplyRule } from "../../delivery/index.ts";

/** What is held against the message, its sender or the server that brought it. */
export const senderRules: readonly ReplyRule[] = [
  {
    id: "bounce-form",
    category: "format",
    text: /duplicate header|multiple addresses in from|missing (?:\S+ )?header|(?:rfc|standards?)[ -]?(?:\d+ )?(?:non-?)?complian|invalid (?:header|date|mime|message-id)|improperly formatted|header (?:error|syntax)|message (?:is )?not (?:rfc|properly)/i,
    sample: "554 Transaction failed: Duplicate header 'DKIM-Signature'.",
  },
  {
    id: "bounce-spf",
    category: "auth-spf",
    text: /\bspf\b|sender policy framework/i,
    sample: "553 Sender Policy Framework (SPF) fail",
  },
  { id: "bounce-dkim", category: "auth-dkim", text: /\bdkim\b/i, sample: "550 No valid DKIM signature" },
  {
    id: "bounce-unauthenticated",
    category: "auth-none",
    text: /authentication checks? failed|unauthenticated (?:e-?mail|mail|message)/i,
    sample: "550 5.7.26 Multiple authentication checks failed",
  },
  {
    id: "bounce-refused-as-spam",
    category: "content-spam",
    text: /\bspam|spam ?signature|anti-?spam|junk ?mail|bulk (?:e-?)?mail|mass mail|\bube\b|\buce\b|content (?:filter |was )?reject|content (?:is )?(?:not acceptable|denied|restriction)|banned content|message content|blocked by (?:content|filter)|(?:looks|appears|seems) (?:to be |like )(?:unwanted|advert)|filtered by (?:content|bayes)|dspam/i,
    sample: "554 5.7.1 Message cannot be accepted, content filter rejection",
  },
  {
    id: "bounce-virus",
    category: "content-virus",
    text: /\bvir(?:us|ii)\b|\btrojan|\bworm\b|attachment (?:type )?(?:is |was )?(?:not allowed|blocked|forbidden)|executable (?:file|attachment)/i,
    sample: "554 Your message carries a trojan",
  },
  {
    id: "bounce-too-fast",
    category: "rate-limit",
    text: /frequency (?:is )?limit|too (?:fast|frequent|often)|max(?:imum)? (?:number of )?(?:connections|sessions|messages per)|connection rate|rate limited|(?:hourly|daily|sending) (?:quota|limit)|try to send too/i,
    sample: "550 Connection frequency limited.",
  },
  {
    id: "bounce-address-refused",
    category: "ip-reputation",
    text: /access denied|access from (?:your )?ip|blocked for abuse|on our block list|(?:client|sending|source|your)? ?ip (?:address )?(?:\S+ ){0,3}(?:block|bann|denied|refus|reject|not allowed)|invalid ip for sending|blocked ip|is (?:currently )?blocked by|\bblocked by (?:ldap|our|the administrator)|open (?:mail )?relay|no access from mail server|no se acepta correo|connect(?:ion)? (?:refused|rejected|denied|not allowed) (?:from|by|for)|dynamic (?:ip|address|pool)|(?:refused|not accept\w*) (?:\S+ ){0,3}(?:from|your) (?:ip|server|host)|server is (?:not permitted|blocked)|banned sending ip|blacklist|refused to talk to me/i,
    sample: "550 Error - Blocked for abuse.",
  },
  {
    id: "bounce-no-relay",
    category: "relay-denied",
    text: /no relaying|relaying (?:is )?(?:not|prohibited)|not configured to relay|insecure mail relay|relay (?:not permitted|prohibited|access)|unable to relay|we do not relay|not local(?:ly)? (?:host|domain)|rcpthosts/i,
    sample: "550 5.7.0 <a@a.example>: Recipient address rejected: No relaying.",
  },
  {
    id: "bounce-too-large",
    category: "size-limit",
    text: /line limit exceeded|size limit|(?:message|mail|text|file) (?:\S+ ){0,4}(?:too (?:big|large|long)|exceed\w*)|exceed\w* (?:\S+ ){0,5}(?:size|maximum|limit)|maximum (?:message )?size|too large/i,
    sample: "500 Line limit exceeded",
  },
  {
    id: "bounce-sign-in",
    category: "smtp-auth",
    text: /authenticat\w+ (?:required|failed|failure|is required)|sign in|log ?in (?:failed|required)|not authenticated|credentials/i,
    sample: "530 Authentication is required",
  },
];
