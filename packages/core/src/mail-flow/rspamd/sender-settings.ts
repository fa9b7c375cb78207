import type { HostSettings } from "../host-settings.ts";

/**
 * What Rspamd's settings module does about mail of signed-in people and of the host itself. They are not strangers:
 * their words are not scored unless the server is told to score submissions, and where they sit is never held against
 * them. A virus, the GTUBE test text, a forged From and the rate limit stop their mail in any case, because these act
 * without a score.
 */
export function senderSettings({ stack, shares }: HostSettings): string {
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
${shares.partners.length === 0 ? "" : partnerSettings(shares.partners)}`;
}

/**
 * What another server of a domain hands on was judged where it came in, by its true client; a second refusal here could
 * only end in a bounce to whom the letter names as its sender.
 */
function partnerSettings(addresses: readonly string[]): string {
  return `partners {
  priority = high;
  ip = [${addresses.map((address) => `"${address}"`).join(", ")}];
  ${unscored.replace("symbols_disabled = [", 'symbols_disabled = ["MILTER_HEADERS", ')}
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
