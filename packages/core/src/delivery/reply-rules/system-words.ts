import type { ReplyRule } from "../reply-rule.ts";
import { anyOf } from "./any-of.ts";

/** What goes wrong between the servers and in them, as anybody says it. */
export const systemWords: readonly ReplyRule[] = [
  {
    id: "bounce-no-mx",
    category: "dns-failure",
    text: anyOf(
      /host name lookup failure|name server|unknown domain|unable to look up|hostname lookup|be resolved/,
      /(?:could not|cannot|unable to|failed to) (?:resolve|look ?up)|dns (?:error|failure|problem|lookup|server)|\bnxdomain\b|name resolution/,
    ),
    sample: "unable to look up a.example",
  },
  {
    id: "bounce-out-of-time",
    category: "expired",
    text: anyOf(
      /not yet been delivered|delayed \d+ (?:hours?|days?)|delivery attempts will continue|retry time(?:-?out)? (?:not reached|exceeded)|all hosts .{0,40}have been failing/,
      /(?:in the )?queue (?:for )?(?:too long|more than)|(?:envelope|message|retry|queue|mail|time|lifetime)[ .](?:\S+ )?(?:has )?expired|delivery (?:time )?expired|(?:delivery|retry) (?:retry )?time-?out|time-?out exceeded/,
      /not (?:be )?(?:able to )?(?:be )?deliver\w* (?:\S+ ){0,3}(?:for|within|after|in) (?:\S+ ){0,3}(?:hours?|days?|minutes)|(?:deliver|send) (?:\S+ ){0,3}(?:message|mail) (?:for|after|within) \S+ (?:hours?|days?)|unable to deliver (?:\S+ ){0,3}after/,
      /delivery failed \d+ attempts|undelivered after|after (?:\S+ ){0,3}(?:retries|attempts|tries)|(?:max(?:imum)?|too many) (?:\S+ ){0,3}(?:retries|attempts|tries)|(?:retry|retries|attempts) (?:\S+ )?exceeded|delivery period|giving up|deleted from (?:the )?queue|aborted after|stopped trying/,
    ),
    sample: "retry timeout exceeded",
  },
  {
    id: "bounce-no-connection",
    category: "connection",
    text: anyOf(
      /did not accept our requests to connect|network error|(?:unable|not able|failed) to (?:connect|contact|reach)|(?:could not|can't|cannot|couldn't) (?:connect|contact|reach)|socket error|make a connection|no connection to|(?:did not|didn't|not) (?:respond|answer)|tcp error|open connection|timed? ?out|unreachable|no route to|not (?:be )?(?:reachable|responding)|no (?:answer|response) from/,
      /establish an smtp connection|connect(?:ion)? (?:was |has been |is |to \S+ )?(?:unexpectedly )?(?:failed|died|failure|dropped|closed|lost|aborted|refused|reset|timed|broken|terminated)|(?:closed|dropped|lost|refused|reset|aborted) (?:the |its )?connection/,
      /could not find a gateway|communicat\w+ (?:failure|error)|broken pipe|host (?:is )?down|no smtp connection|bad connection|zeit(?:ü|ue)berschreitung|verbindung (?:\S+ ){0,3}(?:abgelehnt|fehlgeschlagen|verweigert|unterbrochen)/,
    ),
    sample: "The recipient server did not accept our requests to connect.",
  },
  {
    id: "bounce-looped",
    category: "routing-loop",
    text: anyOf(/\bloop(?:s|ed|ing)?\b/, /hop count/, /too many (?:hops|received)/),
    sample: "Loop detected, message is not sent on",
  },
  {
    id: "commands",
    category: "protocol",
    text: anyOf(
      /(?:parameters?|arguments?|command|option)s? (?:\S+ ){0,2}(?:not (?:recognized|implemented|supported|understood|allowed)|unrecognized|invalid|unknown|missing)|(?:unrecognized|unknown|invalid|bad|unexpected|illegal) (?:smtp )?(?:command|parameter|argument|sequence)/,
      /pipelining|need (?:mail|rcpt|helo|ehlo)|syntax|line too long/,
    ),
    sample: "555 parameters not recognized",
  },
];
