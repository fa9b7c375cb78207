import type { ReplyRule } from "../reply-rule.ts";
import { anyOf } from "./any-of.ts";

/** Words that say little: taken only where even the status code says nothing. */
export const vagueWords: readonly ReplyRule[] = [
  {
    id: "bounce-server-trouble",
    category: "remote-system",
    text: anyOf(
      /service (?:is )?(?:currently |temporarily )?(?:unavailable|refuse\w*|not available)|unexpected|duplicated message-id/,
      /(?:internal|system|server|software|temporary|local|resources?|processing|unknown) (?:\S+ )?(?:error|problem|failure|trouble|shortage|configuration)|resources? (?:\S+ )?(?:unavailable|exhausted)|(?:system|server) (?:is )?(?:full|busy|overload|down)/,
      /(?:disk|file ?system) (?:is )?full|out of (?:memory|disk)|no (?:disk )?space|i\/o error|can't open|cannot open|permission denied|protocol error|not available|please (?:try|retry) later|lock(?:ed|ing)? (?:file|mailbox)|unable to (?:verify|process|complete)|overloaded|too busy|is busy|maintenance/,
    ),
    sample: "554 Service currently unavailable",
  },
  {
    id: "bounce-recipient-refuses",
    category: "policy",
    text: anyOf(
      /rejected by (?:a remote mail server|the (?:recipient|administrator|filter))|recipient preferences|email preferences|send mail as|not allowed|not permitted|prohibit|forbidden|administrativ/,
      /not accept(?:ing|ed|s)?\b|mail (?:is )?refused|(?:message|mail|address|recipient|sender|envelope) (?:\S+ ){0,2}(?:rejected|refused|denied|blocked)|blocked (?:by|using)|policy|restricted|not authorized|unauthorized|unsolicited|rejet|refus|abgelehnt|rechazad|rifiutat|recusad/,
    ),
    sample: "Each of the following recipients was rejected by a remote mail server.",
  },
];
