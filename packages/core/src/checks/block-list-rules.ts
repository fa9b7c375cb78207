/** critical, high: most or many receivers refuse what is listed. medium: some do, or count it. info: next to nobody goes by it. */
export type BlockListWeight = "critical" | "high" | "medium" | "info";

/** How the owner of a list says what its answers mean; each within 127/8. */
export type BlockListAnswers =
  /** Each address has a meaning of its own; those in `clear` are an opinion and no listing. */
  | { by: "code"; listed: Readonly<Record<string, string>>; clear?: readonly string[] }
  /** Bits of the last octet; the lowest is a refusal. */
  | { by: "bit"; listed: Readonly<Record<number, string>> }
  /** Whatever is answered is a listing. */
  | { by: "any"; listed: string };

export interface BlockListRules {
  title: string;
  /** Where it answers whoever has no key; null when everybody needs one. */
  zone: string | null;
  lists: "ipv4" | "ipv6" | "addresses" | "domains";
  weight: BlockListWeight;
  answers: BlockListAnswers;
  /** What it must have for everybody to see that it lives, where that is not the entry of RFC 5782 §5. */
  mustList?: string;
  removalUrl: string;
}

const spamhausRemoval = "https://check.spamhaus.org/";
const spamSources = { by: "any", listed: "spam sources" } as const;

/** Lists that receivers go by. Those that were shut down are left out: they answer nothing, or everything. */
export const blockListRules = {
  zen: {
    title: "Spamhaus ZEN",
    zone: "zen.spamhaus.org",
    lists: "addresses",
    weight: "critical",
    removalUrl: spamhausRemoval,
    answers: {
      by: "code",
      listed: {
        "127.0.0.2": "SBL, spam sources",
        "127.0.0.3": "CSS, senders of bulk",
        "127.0.0.4": "XBL, hacked computers",
        "127.0.0.5": "XBL, hacked computers",
        "127.0.0.6": "XBL, hacked computers",
        "127.0.0.7": "XBL, hacked computers",
        "127.0.0.9": "DROP, hijacked networks",
        "127.0.0.10": "PBL, addresses that must not send, by their provider",
        "127.0.0.11": "PBL, addresses that must not send",
        "127.0.0.20": "AuthBL, who tries stolen passwords",
        "127.0.0.30": "BCL, command of a botnet",
      },
    },
  },
  dbl: {
    title: "Spamhaus DBL",
    zone: "dbl.spamhaus.org",
    lists: "domains",
    weight: "critical",
    removalUrl: spamhausRemoval,
    answers: {
      by: "code",
      listed: {
        "127.0.1.2": "low reputation",
        "127.0.1.4": "phishing",
        "127.0.1.5": "malware",
        "127.0.1.6": "command of a botnet",
        "127.0.1.102": "hacked, spam",
        "127.0.1.103": "hacked, redirector",
        "127.0.1.104": "hacked, phishing",
        "127.0.1.105": "hacked, malware",
        "127.0.1.106": "hacked, command of a botnet",
      },
    },
  },
  barracuda: {
    title: "Barracuda",
    zone: "b.barracudacentral.org",
    lists: "ipv4",
    weight: "high",
    answers: spamSources,
    removalUrl: "https://www.barracudacentral.org/rbl/removal-request",
  },
  spamcop: {
    title: "SpamCop",
    zone: "bl.spamcop.net",
    lists: "ipv4",
    weight: "high",
    answers: spamSources,
    removalUrl: "https://www.spamcop.net/bl.shtml",
  },
  abusix: {
    title: "Abusix",
    zone: null,
    lists: "addresses",
    weight: "high",
    answers: spamSources,
    removalUrl: "https://lookup.abusix.com/",
  },
  surbl: {
    title: "SURBL",
    zone: "multi.surbl.org",
    lists: "domains",
    weight: "high",
    removalUrl: "https://surbl.org/surbl-analysis",
    mustList: "surbl-org-permanent-test-point.com",
    answers: {
      by: "bit",
      listed: {
        4: "DM, disposable mail",
        8: "PH, phishing",
        16: "MW, malware",
        32: "CT, clicks",
        64: "ABUSE, spam",
        128: "CR, hacked sites",
      },
    },
  },
  uribl: {
    title: "URIBL",
    zone: "multi.uribl.com",
    lists: "domains",
    weight: "high",
    removalUrl: "https://admin.uribl.com/",
    mustList: "test.uribl.com",
    answers: { by: "bit", listed: { 2: "black", 4: "grey", 8: "red" } },
  },
  mailspike: {
    title: "Mailspike",
    zone: "rep.mailspike.net",
    lists: "ipv4",
    weight: "medium",
    removalUrl: "https://mailspike.org/iplookup.html",
    answers: {
      by: "code",
      listed: {
        // The entry that proves that the list lives.
        "127.0.0.2": "spam sources",
        "127.0.0.10": "worst reputation",
        "127.0.0.11": "very bad reputation",
        "127.0.0.12": "bad reputation",
      },
      clear: [13, 14, 15, 16, 17, 18, 19, 20].map((last) => `127.0.0.${last}`),
    },
  },
  psbl: {
    title: "PSBL",
    zone: "psbl.surriel.com",
    lists: "ipv4",
    weight: "medium",
    answers: spamSources,
    removalUrl: "https://psbl.org/remove",
  },
  spameatingmonkey: {
    title: "Spam Eating Monkey",
    zone: "bl.spameatingmonkey.net",
    lists: "ipv4",
    weight: "medium",
    answers: spamSources,
    removalUrl: "https://spameatingmonkey.com/lookup",
  },
  "spameatingmonkey-ipv6": {
    title: "Spam Eating Monkey (IPv6)",
    zone: "bl.ipv6.spameatingmonkey.net",
    lists: "ipv6",
    weight: "medium",
    answers: spamSources,
    removalUrl: "https://spameatingmonkey.com/lookup",
  },
  "blocklist-de": {
    title: "blocklist.de",
    zone: "bl.blocklist.de",
    lists: "addresses",
    weight: "medium",
    answers: { by: "any", listed: "attackers" },
    removalUrl: "https://www.blocklist.de/en/delist.html",
  },
  dronebl: {
    title: "DroneBL",
    zone: "dnsbl.dronebl.org",
    lists: "addresses",
    weight: "medium",
    answers: { by: "any", listed: "hacked computers and open proxies" },
    removalUrl: "https://dronebl.org/lookup",
  },
  "uceprotect-1": {
    title: "UCEPROTECT level 1",
    zone: "dnsbl-1.uceprotect.net",
    lists: "ipv4",
    weight: "medium",
    answers: spamSources,
    removalUrl: "https://www.uceprotect.net/en/rblcheck.php",
  },
  s5h: {
    title: "s5h",
    zone: "all.s5h.net",
    lists: "addresses",
    weight: "medium",
    answers: spamSources,
    removalUrl: "https://www.usenix.org.uk/content/rbl.html",
  },
  gbudb: {
    title: "GBUdb Truncate",
    zone: "truncate.gbudb.net",
    lists: "ipv4",
    weight: "medium",
    answers: spamSources,
    removalUrl: "https://www.gbudb.com/truncate/",
  },
  hostkarma: {
    title: "Hostkarma",
    zone: "hostkarma.junkemailfilter.com",
    lists: "ipv4",
    weight: "medium",
    removalUrl: "https://wiki.junkemailfilter.com/index.php/Spam_DNS_Lists",
    answers: {
      by: "code",
      listed: { "127.0.0.2": "black" },
      clear: ["127.0.0.1", "127.0.0.3", "127.0.0.4", "127.0.0.5"],
    },
  },
  "uceprotect-2": {
    title: "UCEPROTECT level 2",
    zone: "dnsbl-2.uceprotect.net",
    lists: "ipv4",
    weight: "info",
    answers: { by: "any", listed: "networks with spam sources" },
    removalUrl: "https://www.uceprotect.net/en/rblcheck.php",
  },
  "uceprotect-3": {
    title: "UCEPROTECT level 3",
    zone: "dnsbl-3.uceprotect.net",
    lists: "ipv4",
    weight: "info",
    answers: { by: "any", listed: "providers with spam sources" },
    removalUrl: "https://www.uceprotect.net/en/rblcheck.php",
  },
  backscatterer: {
    title: "Backscatterer",
    zone: "ips.backscatterer.org",
    lists: "ipv4",
    weight: "info",
    answers: { by: "any", listed: "who returns mail to forged senders" },
    removalUrl: "https://www.backscatterer.org/?target=test",
  },
} as const satisfies Readonly<Record<string, BlockListRules>>;

export type BlockList = keyof typeof blockListRules;

/** Names of the lists, as an installation names those that it wants asked. */
export const blockListNames = Object.keys(blockListRules) as BlockList[];

/** What is known of a list. */
export function rulesOf(list: BlockList): BlockListRules {
  return blockListRules[list];
}

/** The two lists that one key of Spamhaus opens. */
export const spamhausLists = ["zen", "dbl"] as const satisfies readonly BlockList[];

/** Where Abusix answers whoever has this key. */
export function abusixZone(key: string): string {
  return `${key}.combined.mail.abusix.zone`;
}

/** Where a list of Spamhaus answers: its public mirrors, or the zone of a key of its Data Query Service. */
export function spamhausZone(
  list: (typeof spamhausLists)[number],
  access: "public" | { key: string },
): string {
  return access === "public" ? `${list}.spamhaus.org` : `${access.key}.${list}.dq.spamhaus.net`;
}
