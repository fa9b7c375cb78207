import type { ReplyRule } from "../reply-rule.ts";

/** What our own Postfix logs when no receiver said anything, or when it would not go on. */
export const ownPostfixRules: readonly ReplyRule[] = [
  {
    id: "postfix-expired",
    category: "expired",
    text: /^(?:message )?expired\b|status=expired|returned to sender/i,
    sample: "expired, returned to sender",
  },
  {
    id: "postfix-no-tls",
    category: "tls-failure",
    text: /cannot start tls|server certificate not (?:verified|trusted)|tls is required, but (?:was|our tls)/i,
    sample: "TLS is required, but was not offered by host mx.a.example[192.0.2.1]",
  },
  {
    id: "postfix-tls-policy",
    category: "tls-failure",
    text: /non dnssec destination|no tlsa records found|tls policy lookup|mta-sts-.*(?:fail|not)/i,
    sample: "non DNSSEC destination",
  },
  {
    id: "postfix-null-mx",
    category: "dns-failure",
    text: /does not accept mail \(nullmx\)|null ?mx/i,
    retry: "suppress",
    sample: "Domain a.example does not accept mail (nullMX)",
  },
  {
    id: "postfix-name-service",
    category: "dns-failure",
    text: /(?:host or domain name not found|name service error|(?<!helo command rejected: )host not found)(?!.{0,200}(?:try again|malformed|unexpected|time ?out))/i,
    sample: "Host or domain name not found. Name service error for name=a.example type=MX: Host not found",
  },
  {
    id: "postfix-connection",
    category: "connection",
    text: /^connect to |connection (?:timed out|refused(?!, too many)|reset|expired)|no route to host|network is unreachable|lost connection with|conversation with .* timed out|delivery temporarily suspended/i,
    sample: "connect to mx.a.example[192.0.2.1]:25: Connection timed out",
  },
  {
    id: "postfix-loop",
    category: "routing-loop",
    text: /mail for .* loops back to myself|mail forwarding loop|too many hops|exceeded \d+ hops|hop count exceeded|routing loop/i,
    sample: "mail for a.example loops back to myself",
  },
];
