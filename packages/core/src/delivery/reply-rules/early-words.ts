import type { ReplyRule } from "../reply-rule.ts";
import { anyOf } from "./any-of.ts";

/** Words that the other rules would take for something wider. */
export const earlyWords: readonly ReplyRule[] = [
  {
    id: "helo-refused",
    category: "helo",
    text: /helo command rejected|bad helo/i,
    sample: "504 5.5.2 <a>: Helo command rejected: need fully-qualified hostname",
  },
  {
    // The receiver asks elsewhere whether the address is there, and knows by the next try (Postfix, reject_unverified_recipient).
    id: "address-being-verified",
    category: "greylisting",
    code: "4",
    text: /address verification in progress/i,
    sample:
      "450 4.1.1 <a@a.example>: Recipient address rejected: unverified address: Address verification in progress",
  },
  {
    id: "bounce-sender-code",
    category: "policy",
    enhanced: /^5\.1\.[78]$/,
    sample: "550 5.1.7 No such domain a.example.",
  },
  {
    id: "bounce-sender-domain",
    category: "policy",
    text: anyOf(
      /domain of sender address/,
      /sender(?:'s)? (?:domain|address|e-?mail)[^.]{0,80}(?:not exist|unresolvable|not found|invalid|rejected|not allowed|refused|denied|verif)/,
      /sender (?:address )?(?:verify|verification|callout)/,
      /(?:unknown|invalid|bogus|unverified|unroutable|unrouteable|bad|null|empty) (?:envelope )?(?:sender|return[- ]path|mail ?from)\b/,
      /badmailfrom|badsender|sender (?:domain must exist|filter)|mail from this sender|sender(?!\S* not permitted by spf) (?:address )?not (?:valid|known)/,
      /envelope sender/,
      /sender (?:is |was )?(?:rejected|refused|denied|not (?:allowed|accepted|permitted|authorized|pre-approved)(?! by (?:spf|\S+ spf))|on (?:the |your )?(?:\S+ ){0,3}(?:block|black|deny))/,
      /(?:blacklisted|blocked|blocklisted) sender/,
      /\bbatv\b|bounces? (?:are |is )?not accepted|returned mail not accepted|unsigned dsn|backscatter/,
      /send mail as|different address or alias/,
      /(?:mail from|from address|sender)[^.]{0,40}not owned by|return address (?:is )?(?:invalid|refused)/,
    ),
    sample: "553 <a@a.example>... Domain of sender address a@a.example does not exist",
  },
  {
    id: "bounce-recipient-preference",
    category: "policy",
    text: anyOf(
      /recipient preferences|email preferences of|not a registered gateway/,
      /recipient (?:\S+ ){0,4}(?:not (?:wish|want)|only accept\w*|has blocked|refuses? to receive)/,
      /(?:blocked|rejected|refused|denied) by (?:the )?(?:recipient|user|addressee|organi[sz]ation)|(?:recipient|user|administrator|organi[sz]ation)(?:'s)? (?:\S+ ){0,2}(?:rejects|refuses|blocks|rules)\b|organi[sz]ational? (?:settings|policy|rules)|mailbox access/,
      /only accept\w* (?:\S+ ){0,4}from (?:specific|known|authori[sz]ed|approved|certain|selected)/,
      /(?:user|recipient)(?:'s)? (?:personal )?(?:block|black|deny) ?list/,
      /not (?:in|on) (?:the |an? |your )?(?:\S+ )?(?:white|allow|safe)[- ]?list/,
      /resolver\.rst\.(?:auth|notauth|restrict)/,
      /(?:doesn't|does not|don't) want (?:to receive |any )?(?:your |this |such )?(?:e-?)?mail|(?:internal|local) senders (?:only|may)|only (?:internal|local|authenticated|known) senders/,
      /recipient id refuse|resolver\.adr\.ambiguous|does not want (?:to receive )?(?:your |this )?mail/,
    ),
    sample: "550 5.1.1 RCP-P2 Refused due to recipient preferences",
  },
  {
    id: "no-reverse-name",
    category: "rdns",
    text: anyOf(
      /(?:invalid|bad|no|wrong|missing|without|matching|incorrect|generic) (?:\S+ )?(?:r-?dns|dns ptr|ptr)\b/,
      /\br-?dns (?:record|lookup|entry|check|(?:is )?(?:required|missing|invalid))/,
      /reverse[- ](?:dns|lookup|name|mapping|hostname|entry|record|address)/,
      /unverif(?:y|i)able sending ip|mismatch\w* client ip|ip name lookup failed|dns ptr resource record/,
      /unresolvable relay host ?name|(?:ip|host|client|server) (?:\S+ ){0,3}(?:has no|without(?: a)?|does not have a) (?:host ?name|dns name)/,
      /must have a (?:\S+ )?(?:r-?dns|ptr)|(?:ip|address) (?:\S+ ){0,4}does not (?:match|resolve)|\bptr (?:record |entry )?(?:is |was )?(?:missing|required|not found|invalid|does not|doesn't)/,
      /cannot (?:find|resolve) your (?:reverse )?(?:host|ip|domain|address)|\bptr record\b|\bfcrdns\b|forward[- ]confirmed/,
    ),
    sample: "551 Access forbidden by invalid RDNS record of your mail server",
  },
  {
    // The domain is there and says, or shows, that it wants no mail: its owner's choice, and final for each of its addresses.
    id: "bounce-takes-no-mail",
    category: "policy",
    retry: "suppress",
    text: anyOf(
      /indicated no smtp service/,
      /couldn't find a(?:ny)? mail exchanger/,
      /no mx (?:record )?(?:was )?found|no mail exchanger|no mx records?\b/,
      /(?:domain|host|server|system)(?:\/domain)? (?:\S+ ){0,2}(?:does not|doesn't|do not|is not|not) (?:accept|receive|take)(?:s|ing)? (?:any |network )?(?:e-?)?(?:mail|messages)(?! from)(?! \(nullmx)/,
    ),
    sample: "an MX or SRV record indicated no SMTP service",
  },
  {
    id: "bounce-no-sender-sign-in",
    category: "smtp-auth",
    text: anyOf(
      /unauthenticated senders? not allowed/,
      /smtp[- ]auth(?:entication)?\b(?! dkim)/,
      /without (?:smtp )?authentication/,
      /you (?:are|must be) (?:not )?authenticated|must authenticate|authenticate first/,
    ),
    sample: "550 Unauthenticated senders not allowed",
  },
  {
    id: "bounce-spam-link",
    category: "content-spam",
    text: anyOf(
      /black-?listed (?:url|link)/,
      /(?:url|link|hyperlink) (?:\S+ ){0,4}(?:in|on) (?:\S+ ){0,3}(?:black|block)/,
      /(?:contains|containing) (?:a |an )?(?:\S+ ){0,2}(?:url|link)s? (?:\S+ ){0,4}(?:listed|block|black|spam|bad)/,
    ),
    sample: "550 REJECTED - Blacklisted URL in message. See http://lookup.a.example",
  },
  {
    // Says nothing of the name itself: its servers could not be asked.
    id: "bounce-lookup-failed",
    category: "connection",
    text: anyOf(
      /host ?name lookup failure/,
      /name serv(?:er|ice).{0,120}(?:try again|time ?out|timed out|servfail|malformed|unexpected)/,
      /malformed (?:\S+ ){0,3}(?:name|dns) server reply|dns (?:server )?(?:time ?out|timed out|servfail|failure|is (?:not responding|unavailable))/,
      /(?:host|domain).{0,100}not found, try again/,
      /(?:temporary|temporarily|transient) (?:\S+ ){0,2}(?:dns|name|(?:un)?resolv|lookup)/,
      /cname lookup failed|dns query failed|dns error\b/,
    ),
    sample: "Name service error for domain a.example: Host not found, try again",
  },
  {
    id: "bounce-no-such-domain",
    category: "dns-failure",
    text: anyOf(
      /(?:no such|unknown|unrouteable|unroutable|illegal|non-?existent) (?:\S+ )?(?:domain|host)\b(?! name)|invalid (?:mail )?(?:domain|host)\b(?! name)|bad destination (?:host|system)/,
      /host unknown|illegal host\/domain/,
      /domain (?:name )?(?:\S+ )?(?:does not|doesn't|doesnt) exist|account or domain may not exist|domain is not reachable|(?<!sender )domain must exist|domain (?:\S+ ){0,4}(?:is )?(?:unknown|not known|(?:does not|doesn't) exist)|unknown mail domain|name or service not known|no such name|domain (?:\S+ )?(?:could not|couldn't|cannot|can't) be found/,
      /couldn't find any host named|dns lookup failure|all relevant mx records point to non-existent hosts|no data record of requested type/,
      /host (?:name )?not found\b(?!, try)|no route to (?:recipient )?domain|domain not found|dns domain \S+ (?:does not|doesn't) exist/,
    ),
    sample: "550 Host unknown (Authoritative answer from name server)",
  },
  {
    id: "sending-quota",
    category: "rate-limit",
    text: anyOf(
      /(?:sending|submission|outgoing|hourly|daily|relay|sender)(?: \S+){0,2} (?:quota|rate)(?: \S+){0,2} (?:exceed|reach)\w*/,
      /(?:hourly|daily|per[- ](?:hour|minute|day|second)) (?:\S+ ){0,4}(?:limit|quota|maximum)|(?:limit|maximum|quota|more than \d+) (?:\S+ ){0,4}(?:per|an|a|in one) (?:hour|minute|day|second)/,
      /(?:exceed\w*|over) (?:\S+ ){0,4}quota for sending/,
    ),
    sample: "550 Daily user sending quota exceeded",
  },
  {
    id: "full",
    category: "mailbox-full",
    text: anyOf(
      /(?<!submission )(?<!sending )\b(?:disc |disk )?quota_? ?(?:\S+ ){0,2}(?:exceed|violat|reach|full)|exceed\w* (?:\S+ ){0,4}quota(?! for sending)|(?:disc|disk) quota|over[- ]?quota\b/,
      /(?:mailbox|inbox) (?:\S+ ){0,4}(?:reached|exceeded|at) (?:its|their|his|the) (?:\S+ ){0,2}(?:limit|size|capacity|quota)|(?:remaining|mail) ?quota|mailbox has no space|(?:mailbox|inbox|bo[iî]te) (?:\S+ ){0,4}(?:full|pleine)|out of storage|mailbox size limit|quota exceeded/,
      /too many messages on the server|number of messages in (?:\S+ ){0,3}mailbox exceed|zu ?viele (?:e-?)?mails/,
      /(?:mail|post)?(?:box|folder|dir) (?:is |size )?(?:full|over|exceed)|mailbox full|(?:inbox|account|maildir) (?:\S+ ){0,3}(?:over|exceed\w*) (?:\S+ )?(?:limit|size|quota|storage|space)/,
      /(?:is|are|be) over (?:the |its |their )?(?:\S+ )?(?:quota|storage|allotted|limit)|exceed\w* (?:\S+ ){0,4}(?:storage|mailbox|mail box)\b/,
      /(?:insufficient|not enough) (?:\S+ )?(?:storage |disk )?space(?! (?:on|left on))(?: for (?:user|mailbox)| in)?|(?:disk |storage |mailbox )?space (?:\S+ ){0,3}(?:used up|exhausted|agotad)/,
    ),
    sample: "The number of messages in recipient's mailbox exceeded the local limit.",
  },
  {
    id: "bounce-mail-program",
    category: "remote-system",
    text: anyOf(
      /procmail|\bpipe to \||can't create output|cannot create (?:output|temp)|couldn't create "/,
      /unable to contact ldap|(?:local|server|system|mail system) config\w* error|mis-?configur/,
      /mailer error|child process of|command died with|error in forward|died with status|program exited with|command (?:output|failed|returned)/,
      /(?:unable|can't|cannot|failed|error) (?:to )?(?:create|writ\w+|open|append|sav\w+) (?:\S+ ){0,3}(?:file|mailbox|disk|folder)|exited with (?:status |code )?\d|(?:server|system|host) is out of (?:\S+ )?(?:space|memory|disk)/,
      /queue file (?:write|read) error|(?:disk|file ?system) full|(?:disk|space left on) device|out of memory|(?:mailbox|mail) (?:server|store) is (?:\S+ )?(?:offline|too busy|unavailable|down)/,
    ),
    sample: 'procmail: Couldn\'t create "/var/spool/mail/a"',
  },
];
