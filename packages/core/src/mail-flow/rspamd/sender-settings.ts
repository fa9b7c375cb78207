import type { HostSettings } from "../host-settings.ts";

/**
 * What Rspamd's settings module does about mail of signed-in people and of the host itself. They are not strangers:
 * their words are not scored unless the server is told to score submissions, and where they sit is never held against
 * them. A virus, the GTUBE test text, a forged From and the rate limit stop their mail in any case, because these act
 * without a score.
 */
export function senderSettings({ stack }: HostSettings): string {
  return `authenticated {
  priority = high;
  authenticated = true;
  ${stack.scoresSubmissions ? scored : unscored}
}
local {
  priority = medium;
  ip = ["127.0.0.0/8", "::1/128"];
  ${unscored}
}
`;
}

const unscored = `apply {
    actions {
      reject = 1000;
      "add header" = 900;
      "rewrite subject" = 900;
      greylist = 900;
    }
    groups_disabled = ["rbl", "surbl", "spf", "dmarc", "hfilter", "mid", "phishing"];
    symbols_disabled = ["GREYLIST_CHECK", "GREYLIST_SAVE"];
  }`;

// The thresholds of strangers' mail hold. What is left out judges the client's address and name, not what it says.
const scored = `apply {
    actions {
      greylist = 900;
    }
    groups_disabled = ["rbl", "spf", "dmarc", "hfilter", "mid"];
    symbols_disabled = ["GREYLIST_CHECK", "GREYLIST_SAVE"];
  }`;
