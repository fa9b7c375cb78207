import type { ReplyRule } from "../reply-rule.ts";
import { anyOf } from "./any-of.ts";

/** What anybody holds against the message, its sender or the server that brought it. */
export const senderWords: readonly ReplyRule[] = [
  {
    id: "bounce-form",
    category: "format",
    text: anyOf(
      /duplicate[sd]? (?:\S+ )?header|multiple addresses in from|(?:missing|no|without|invalid|bad|illegal|multiple|several) (?:a |an |valid |required |or \S+ )?(?:\S+ )?(?:header|date|message-?id|subject|from (?:header|field|line))\b|valid from\b/,
      /(?:rfc|standards?)[ -]?(?:\d+ )?(?:non-?|in)?complian|violates? rfc|not (?:rfc|properly) |invalid mime|mime (?:\S+ ){0,3}(?:error|invalid|complex|structure)|improperly[- ]format|improper use of/,
      /header(?:s)? (?:\S+ ){0,3}(?:error|syntax|malformed|too (?:long|large|many)|not allowed|exceed|invalid|count)|8[- ]?bit (?:\S+ ){0,3}(?:header|not (?:allowed|permitted|supported))|\bnul (?:char|byte)/,
      /(?:message|mail) (?:\S+ ){0,3}(?:invalid|bad|illegal|broken) (?:\S+ )?(?:structure|format|header)|(?:invalid|bad|broken|incorrect) (?:message|mail) (?:structure|format)|(?:invalid|corrupt|illegal) (?:data|message)\b|message format|(?:charset|character set|encoding) (?:\S+ )?(?:not|un)/,
    ),
    sample: "554 Transaction failed: Duplicate header 'DKIM-Signature'.",
  },
  {
    // Where both are named, neither of them alone is what is missing.
    id: "neither-spf-nor-dkim",
    category: "auth-none",
    text: /n?either (?:spf|dkim) n?or (?:spf|dkim)/i,
    sample: "550 5.7.26 Neither SPF nor DKIM authenticates this message",
  },
  {
    id: "bounce-spf",
    category: "auth-spf",
    text: anyOf(/\bspf\b/, /sender policy framework/, /domain owner discourages use of this host/),
    sample: "553 Sender Policy Framework (SPF) fail",
  },
  { id: "bounce-dkim", category: "auth-dkim", text: /\bdkim\b/i, sample: "550 No valid DKIM signature" },
  {
    id: "bounce-unauthenticated",
    category: "auth-none",
    text: anyOf(
      /authentic(?:ation|ity) (?:checks?|tests?) (?:\S+ )?(?:failed|unsuccessful)|unauthenticated (?:e-?mail|mail|message)/,
      /(?:sender|from|message|mail) (?:\S+ ){0,3}(?:is |was |appears )?(?:forged|spoofed)|(?:forged|spoofed) (?:sender|mail|message|from)/,
      /required authentication level|sender authenticity/,
    ),
    sample: "550 5.7.26 Multiple authentication checks failed",
  },
  {
    id: "no-encryption",
    category: "tls-required",
    text: anyOf(
      /(?:tls|ssl|encrypt(?:ion|ed)|starttls) (?:\S+ ){0,3}(?:required|needed|mandatory|handshake|must be used)/,
      /(?:failed|unable|cannot|could not|can't) to (?:start|establish|negotiate) (?:a )?(?:\S+ )?(?:tls|ssl)|(?:tls|ssl) (?:handshake|negotiation|connection|session) (?:\S+ )?(?:fail|error)|requires? (?:\S+ )?(?:tls|encryption|starttls)|handshake fail|certificate (?:\S+ ){0,2}(?:verification|validation) fail|certificate (?:is |was )?(?:not trusted|untrusted|expired|invalid)/,
    ),
    sample: "554 TLS encryption needed",
  },
  {
    id: "bounce-virus",
    category: "content-virus",
    text: anyOf(
      /\b(?:anti-?)?vir(?:us|ii|en)\b|suspicious (?:link|url|attachment|content)|\btrojan|\bworm\b|\bphish|malicious|malware/,
      /attachments? (?:\S+ ){0,4}(?:not (?:allowed|accepted|permitted)|blocked|forbidden|refused|prohibited|banned|dangerous)|(?:dangerous|forbidden|prohibited|banned|illegal|executable|blocked) (?:file|attachment|extension)/,
    ),
    sample: "554 Your message carries a trojan",
  },
  {
    id: "spam-from-address",
    category: "ip-reputation",
    text: /(?:ip|isp|network|server|host) (?:is )?(?:blocked|banned|listed) (?:due to|for|because of) (?:spam|abuse)|(?:spam|junk|abuse)\w* (?:\S+ ){0,4}from (?:your|this) (?:ip|network|host|server|address|domain|isp)|(?:ip|host|network|server) (?:\S+ ){0,6}(?:sends?|sending|sent|source of|for) (?:too much |lots of )?(?:spam|abuse)/i,
    sample: "550 Too much spam from your network",
  },
  {
    id: "bounce-refused-as-spam",
    category: "content-spam",
    text: anyOf(
      /\bspam|spam ?signature|anti-?spam|junk ?mail|bulk (?:e-?)?mail|mass mail|mailshot|\bube\b|\buce\b|dspam|as junk|advertis|unwanted (?:e-?mail|mail|message|content)|werbung|pourriel/,
      /content[- ](?:filter|reject|is not acceptable|denied|restrict|scan)|(?:banned|forbidden|prohibited|objectionable|inappropriate|unacceptable) (?:content|words?)|message content|by (?:the )?(?:content|bayes\w*|message)[- ]?filter/,
      /(?:looks|appears|seems) (?:to be |like )(?:unwanted|advert)|filtered by|bayes|message (?:\S+ )?scored|score of \d|scored? (?:too high|\d)|(?:filters?|rated) (?:\S+ ){0,3}(?:rated|scored|at) /,
    ),
    sample: "554 5.7.1 Message cannot be accepted, content filter rejection",
  },
  {
    id: "bounce-too-fast",
    category: "rate-limit",
    text: anyOf(
      /frequency (?:is )?limit|too (?:fast|frequent|often|quick|much (?:e-?)?mail)|slow down|thrott/,
      /(?:max(?:imum)?|limit) (?:\S+ ){0,3}(?:connections|sessions|messages per)|(?:connections|sessions|messages|mails) (?:\S+ ){0,3}(?:limit|max)/,
      /(?:connection|message|sending|mail|delivery|submission) rate|rate[- ](?:limit|control|exceed)|rate (?:\S+ )?(?:exceed|too high|limit)|(?:hourly|daily|sending) (?:\S+ )?(?:quota|limit)|try to send too|too many (?:\S+ )?(?:connections|mails|messages|sessions)|(?:sent|sending) too (?:many|much)|too many (?:e-?mails|mails|emails|recipients|rcpt|invalid recipients)/,
    ),
    sample: "550 Connection frequency limited.",
  },
  {
    id: "bounce-address-refused",
    category: "ip-reputation",
    text: anyOf(
      /not (?:allowed|permitted|authori[sz]ed) to connect|\b(?:ip|address|host|server) (?:\S+ ){0,4}(?:is |was |are )?(?:currently )?listed\b|access denied|access from \S+ (?:is )?(?:denied|refused|blocked)|(?:connections?|access|mail) from your (?:\S+ ){0,3}(?:blocked|denied|refused|rejected)|access from (?:your )?ip|blocked for abuse|(?:on|in) (?:our|my|a|the|their) (?:\S+ )?(?:block|black|deny)[- ]?list/,
      /(?:client|sending|source|your)? ?ip (?:address )?(?:\S+ ){0,3}(?:block|bann|denied|refus|reject|not allowed|suspicious)|invalid ip for sending|(?:blocked|banned|bad|suspicious|dynamic|residential|dial-?up) (?:\S+ )?(?:ip|address|host|pool|range)|is (?:currently |temporarily )?blocked by|\bblocked by (?:ldap|our|the administrator|isp)/,
      /(?<!not an )open (?:mail )?(?:relay|proxy)|zombie|botnet|no access from mail server|no se acepta correo/,
      /connect(?:ions?)? (?:will (?:not )?be |is |was )?(?:refused|rejected|denied|not (?:be )?(?:allowed|accepted)|blocked) (?:from|by|for|to|due|-)/,
      /client host (?:\S+ )?(?:rejected|blocked|denied|refused)|(?:host|server|network)(?: \S+){0,3} (?:is |are |was )?(?:not (?:permitted|allowed|accepted|welcome)|blocked|blacklisted|banned|listed|suspicious)/,
      /(?:refused|not accept\w*|reject\w*|denied|blocked) (?:\S+ ){0,4}(?:from|your) (?:\S+ )?(?:ip|server|host|network|mail ?server|address range|isp)\w*|mail from (?:your )?(?:\S+ )?(?:ip|server|host|network|\d+\.\d+\.\d+\.\d+) (?:\S+ ){0,3}(?:not|refus|reject|block|deni)/,
      /black-?list|block-?list|\bdns[br]ls?\b|\brbls?\b|refused to talk to me|sender ?(?:score|base)|reputation|\blisted (?:in|on|by|at) (?:\S+\.)+\S+/,
      /(?:messages?|mails?|e-?mails?) from \[?\d+\.\d+\.\d+\.\d+\]? (?:\S+ ){0,4}(?:deferred|refused|rejected|blocked|not accepted|weren't sent)/,
    ),
    sample: "550 Error - Blocked for abuse.",
  },
  {
    id: "bounce-no-relay",
    category: "relay-denied",
    text: anyOf(
      /no relay(?:ing)?\b|relaying (?:\S+ ){0,3}(?:is )?(?:not|prohibited|denied|disallowed|refused|forbidden)|not configured to relay|insecure mail relay|relay (?:\S+ ){0,2}(?:not |is not )?(?:permitted|prohibited|access|allowed|denied|disallowed|refused)/,
      /(?:unable|not allowed|not permitted|refuse) to relay|(?:we |do |does |i )(?:do )?(?:not|n't) relay|(?:don't|doesn't) relay|not a relay|not (?:an )?open relay|not local(?:ly)? (?:host|domain)|not (?:a )?(?:local|hosted|our) domain|rcpthosts|not a gateway|non-accepted domain|(?:we )?(?:don't|do not) handle mail for/,
    ),
    sample: "550 5.7.0 <a@a.example>: Recipient address rejected: No relaying.",
  },
  {
    id: "bounce-too-large",
    category: "size-limit",
    text: anyOf(
      /line limit exceeded|size[- ]limit|(?:message|mail|text|file|body|attachments?) (?:\S+ ){0,4}(?:too (?:big|large|long)|exceed\w*)|too large/,
      /exceed\w* (?:\S+ ){0,5}(?:size|maximum|limit)|max(?:imum)? (?:\S+ )?(?:message |mail |allowed )?size|size (?:\S+ ){0,3}(?:exceed|violat)|(?:la )?taille (?:\S+ ){0,3}d[ée]passe|tama[ñn]o (?:\S+ ){0,3}excede|zu gro(?:ß|ss)/,
    ),
    sample: "500 Line limit exceeded",
  },
  {
    id: "bounce-sign-in",
    category: "smtp-auth",
    text: anyOf(
      /authenticat\w+ (?:\S+ )?(?:required|needed|failed|failure|is required|unsuccessful|error|credentials)|sign in|log ?in (?:failed|required|denied)|not authenticated|credentials|(?:wrong|bad|incorrect|invalid) (?:user ?name|password|login)|auth(?:entication)? (?:is )?required/,
      /(?:must|please|need to|have to) (?:first )?(?:authenticate|log ?in|sign ?in)|(?:must|need to|have to) be (?:authenticated|logged in)|not logged in|required for requested auth/,
    ),
    sample: "530 Authentication is required",
  },
];
