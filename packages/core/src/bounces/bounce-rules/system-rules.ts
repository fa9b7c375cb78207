import type { ReplyRule } from "../../delivery/index.ts";

/** What goes wrong between the servers and in them. */
export const systemRules: readonly ReplyRule[] = [
  {
    id: "bounce-no-mx",
    category: "dns-failure",
    text: /indicated no smtp service|couldn't find a(?:ny)? mail exchanger|no smtp service|host name lookup failure|name server|unknown domain|unable to look up|hostname lookup|(?:could not|cannot|unable to) resolve|dns (?:error|failure|problem|lookup|server)|\bnxdomain\b/i,
    sample: "an MX or SRV record indicated no SMTP service",
  },
  {
    id: "bounce-out-of-time",
    category: "expired",
    text: /not yet been delivered|delayed \d+ (?:hours?|days?)|delivery attempts will continue|retry time(?:-?out)? (?:not reached|exceeded)|all hosts .{0,40}have been failing|(?:in the )?queue (?:for )?too long|(?:envelope|message|retry|queue|mail)[ .](?:\S+ )?expired|(?:delivery|retry) (?:retry )?time-?out|time-?out exceeded|not be delivered (?:for|within|after) \S+ (?:hours?|days?)|delivery failed \d+ attempts|undelivered after|after (?:\S+ ){0,3}(?:retries|attempts)|giving up|deleted from (?:the )?queue|aborted after|stopped trying|too many delivery attempts|delivery expired/i,
    sample: "retry timeout exceeded",
  },
  {
    id: "bounce-no-connection",
    category: "connection",
    text: /did not accept our requests to connect|network error|unable to connect|could not connect|can't connect|cannot connect|socket error|timed? ?out|unreachable|no route to|establish an smtp connection|connect(?:ion)? (?:was )?(?:failed|died|failure|dropped|closed|lost|aborted|refused|reset|timed)|could not find a gateway|failed to connect|communicat\w+ (?:failure|error)|broken pipe|host (?:is )?down|no smtp connection|bad connection/i,
    sample: "The recipient server did not accept our requests to connect.",
  },
  {
    id: "bounce-looped",
    category: "routing-loop",
    text: /\bloop(?:s|ed|ing)?\b|hop count|too many (?:hops|received)/i,
    sample: "Loop detected, message is not sent on",
  },
];
