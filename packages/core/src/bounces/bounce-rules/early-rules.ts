import type { ReplyRule } from "../../delivery/index.ts";

/** Words that the classifier of replies would take for something wider. */
export const earlyRules: readonly ReplyRule[] = [
  {
    id: "bounce-sender-code",
    category: "policy",
    enhanced: /^5\.1\.[78]$/,
    sample: "550 5.1.7 No such domain a.example.",
  },
  {
    id: "bounce-sender-domain",
    category: "policy",
    text: /domain of sender address|sender(?:'s)? (?:domain|address|email)[^.]{0,80}(?:not exist|unresolvable|not found|invalid|rejected)|unknown sender\b|invalid sender\b/i,
    sample: "553 <a@a.example>... Domain of sender address a@a.example does not exist",
  },
  {
    id: "bounce-recipient-preference",
    category: "policy",
    text: /recipient preferences|email preferences of|not a registered gateway/i,
    sample: "550 5.1.1 RCP-P2 Refused due to recipient preferences",
  },
  {
    id: "bounce-reverse-name",
    category: "rdns",
    text: /(?:invalid|bad|no|wrong) (?:r-?dns|dns ptr|ptr)\b|\brdns (?:record|lookup|entry|check)|reverse (?:dns|lookup) (?:\w+ ){0,2}fail|unverif(?:y|i)able sending ip|mismatch\w* client ip|no reverse (?:dns|name)|ip name lookup failed|dns ptr resource record/i,
    sample: "551 Access forbidden by invalid RDNS record of your mail server",
  },
  {
    id: "bounce-no-sender-sign-in",
    category: "smtp-auth",
    text: /unauthenticated senders? not allowed|smtp authentication\b|without authentication|you (?:are|must be) (?:not )?authenticated|must authenticate|authenticate first/i,
    sample: "550 Unauthenticated senders not allowed",
  },
  {
    id: "bounce-spam-link",
    category: "content-spam",
    text: /black-?listed (?:url|link)|(?:url|link|hyperlink) (?:\S+ ){0,4}(?:in|on) (?:\S+ ){0,3}(?:black|block)/i,
    sample: "550 REJECTED - Blacklisted URL in message. See http://lookup.a.example",
  },
  {
    // Says nothing of the name itself: its servers could not be asked.
    id: "bounce-lookup-failed",
    category: "connection",
    text: /host ?name lookup failure|name serv(?:er|ice).{0,120}(?:try again|time ?out|timed out|servfail)|(?:host|domain).{0,100}not found, try again|(?:temporary|transient) (?:dns|name)|cname lookup failed/i,
    sample: "Name service error for domain a.example: Host not found, try again",
  },
  {
    id: "bounce-no-such-domain",
    category: "dns-failure",
    text: /(?:no such|unknown|unrouteable|invalid) (?:mail )?(?:domain|host)\b(?! name)|host unknown|domain (?:name )?(?:does not|doesn't|doesnt) exist|account or domain may not exist|domain is not reachable|couldn't find any host named|dns lookup failure|all relevant mx records point to non-existent hosts|no mx (?:record )?found|no data record of requested type|host (?:name )?not found\b(?!, try)|no route to (?:recipient )?domain|domain not found/i,
    sample: "550 Host unknown (Authoritative answer from name server)",
  },
  {
    id: "bounce-quota-words",
    category: "mailbox-full",
    text: /(?<!submission )(?<!sending )quota (?:usage )?exceeded|exceed\w* (?:\S+ ){0,4}quota(?! for sending)|(?:disc|disk) quota|too many messages on the server|number of messages in (?:\S+ ){0,3}mailbox exceed|mailbox is full|mailbox full|mailfolder is full|(?:is|are) over (?:the )?(?:quota|storage|allotted)|insufficient (?:disk|storage) space for (?:user|mailbox)/i,
    sample: "The number of messages in recipient's mailbox exceeded the local limit.",
  },
  {
    id: "bounce-mail-program",
    category: "remote-system",
    text: /procmail:|\bpipe to \||can't create output|cannot create (?:output|temp)|couldn't create "|unable to contact ldap|local configuration error|mailer error|child process of|command died with|error in forward|died with status|unknown mailer error|program exited with/i,
    sample: 'procmail: Couldn\'t create "/var/spool/mail/a"',
  },
];
