import type { ReplyRule } from "../../delivery/index.ts";

/** Words that say little: taken only where even the status code says nothing. */
export const vagueRules: readonly ReplyRule[] = [
  {
    id: "bounce-server-trouble",
    category: "remote-system",
    text: /service (?:is )?(?:currently |temporarily )?(?:unavailable|refuse\w*|not available)|unexpected|duplicated message-id|(?:internal|system|server|software|temporary|local|resources?) (?:\S+ )?(?:error|problem|failure|trouble|shortage|configuration)|(?:disk|file ?system) (?:is )?full|out of (?:memory|disk)|no (?:disk )?space|i\/o error|can't open|cannot open|permission denied|protocol error|not available|please (?:try|retry) later|lock(?:ed|ing)? (?:file|mailbox)/i,
    sample: "554 Service currently unavailable",
  },
  {
    id: "bounce-recipient-refuses",
    category: "policy",
    text: /rejected by (?:a remote mail server|the (?:recipient|administrator|filter))|recipient preferences|email preferences|send mail as|not allowed|not permitted|prohibited|administratively|not accept(?:ing|ed|s)?\b|mail (?:is )?refused|(?:message|mail|address|recipient|sender|envelope) (?:\S+ ){0,2}(?:rejected|refused|denied|blocked)|blocked (?:by|using)|policy|restricted|not authorized|unauthorized|unsolicited|rejet|refus/i,
    sample: "Each of the following recipients was rejected by a remote mail server.",
  },
];
