/** What Postfix's other daemons say of themselves and of clients at the door: nothing that a message's story needs. */
export type HouseLine =
  | {
      readonly kind: "counted";
      readonly what: "cache size" | "connection count" | "connection rate";
      readonly count: number;
      readonly perS: number | null;
      readonly service: string | null;
      readonly client: string | null;
      readonly at: string;
    }
  | {
      readonly kind: "lookup-cache";
      readonly hits: number;
      readonly misses: number;
      readonly successPercent: number;
    }
  | {
      readonly kind: "cached-connections";
      readonly domains: number;
      readonly addresses: number;
      readonly connections: number;
    }
  | { readonly kind: "interval"; readonly startedAt: string }
  | {
      readonly kind: "cache-cleaned";
      readonly cleanup: string;
      readonly retained: number;
      readonly dropped: number;
    }
  | { readonly kind: "listed"; readonly address: string; readonly zone: string; readonly answer: string }
  | {
      readonly kind: "at-the-door";
      readonly verdict: string;
      readonly address: string;
      readonly port: number;
      /** Where the client called, where the line says so. */
      readonly server: { readonly address: string; readonly port: number } | null;
    }
  | { readonly kind: "listed-client"; readonly rank: number; readonly address: string; readonly port: number }
  | {
      readonly kind: "bad-manners";
      readonly what: string;
      readonly afterS: number | null;
      readonly address: string;
      readonly port: number;
      readonly stage: string | null;
    }
  | { readonly kind: "ended-by-signal"; readonly signal: number }
  | { readonly kind: "reloaded" | "started"; readonly version: string; readonly configurationPath: string }
  | {
      readonly kind: "note";
      readonly level: "info" | "warning" | "error" | "fatal" | "panic";
      readonly queueId: string | null;
      readonly text: string;
      readonly envelope: string | null;
    }
  | {
      readonly kind: "header-changed";
      readonly queueId: string;
      readonly action: string;
      readonly part: string;
      readonly found: string;
      /** `local` for mail that was made on this host. */
      readonly client: string;
      readonly envelope: string;
      readonly text: string | null;
    };

const id = "([0-9A-Za-z]{5,24})";
const client = String.raw`\[([^\]]*)\]:(\d+)`;
const envelope = String.raw`from=<[^>]*>(?:,? to=<[^>]*>)?(?:,? proto=\S+)?(?:,? helo=<[^>]*>)?`;
/** What header_checks(5) and its like may do with a message, but for the two that only note it. */
const checkAction =
  "prepend|replace|reject|discard|hold|filter|redirect|strip|bcc|delay|pass|header-redirect|header-hold";

const readers: readonly [RegExp, (groups: readonly string[]) => HouseLine][] = [
  [
    /^statistics: max (cache size|connection count|connection rate) (\d+)(?:\/(\d+)s)?(?: for \((.+)\))? at (.+)$/,
    ([, what, count, perS, whom, at = ""]) => ({
      kind: "counted",
      what: what as "cache size",
      count: Number(count),
      perS: perS === undefined ? null : Number(perS),
      ...servedClient(whom),
      at,
    }),
  ],
  [
    /^statistics: (?:domain|address) lookup hits=(\d+) miss=(\d+) success=(\d+)%$/,
    ([, hits, misses, success]) => ({
      kind: "lookup-cache",
      hits: Number(hits),
      misses: Number(misses),
      successPercent: Number(success),
    }),
  ],
  [
    /^statistics: max simultaneous domains=(\d+) addresses=(\d+) connection=(\d+)$/,
    ([, domains, addresses, connections]) => ({
      kind: "cached-connections",
      domains: Number(domains),
      addresses: Number(addresses),
      connections: Number(connections),
    }),
  ],
  [/^statistics: start interval (.+)$/, ([, startedAt = ""]) => ({ kind: "interval", startedAt })],
  [
    /^cache \S+ (full|partial) cleanup: retained=(\d+) dropped=(\d+) entries$/,
    ([, cleanup = "", retained, dropped]) => ({
      kind: "cache-cleaned",
      cleanup,
      retained: Number(retained),
      dropped: Number(dropped),
    }),
  ],
  [
    /^addr (\S+) listed by domain (\S+) as (\S+)$/,
    ([, address = "", zone = "", answer = ""]) => ({ kind: "listed", address, zone, answer }),
  ],
  [
    new RegExp(
      `^(CONNECT(?: from)?|DISCONNECT|PASS OLD|PASS NEW|(?:BLACK|WHITE|ALLOW|DENY)LIST(?:ED| VETO)) ${client}(?: to ${client})?`,
    ),
    ([, verdict = "", address = "", port, server, serverPort]) => ({
      kind: "at-the-door",
      verdict,
      address,
      port: Number(port),
      server: server === undefined ? null : { address: server, port: Number(serverPort) },
    }),
  ],
  [
    new RegExp(`^DNSBL rank (-?\\d+) for ${client}`),
    ([, rank, address = "", port]) => ({
      kind: "listed-client",
      rank: Number(rank),
      address,
      port: Number(port),
    }),
  ],
  [
    new RegExp(`^(PREGREET|HANGUP)(?: \\d+)? after ([\\d.]+) from ${client}`, "s"),
    ([, what = "", afterS, address = "", port]) => ({
      kind: "bad-manners",
      what,
      afterS: Number(afterS),
      address,
      port: Number(port),
      stage: null,
    }),
  ],
  [
    new RegExp(
      `^(COMMAND (?:TIME|LENGTH|COUNT) LIMIT|COMMAND PIPELINING|BARE NEWLINE|NON-SMTP COMMAND) from ${client} after ([^:]+)`,
      "s",
    ),
    ([, what = "", address = "", port, stage = ""]) => ({
      kind: "bad-manners",
      what,
      afterS: null,
      address,
      port: Number(port),
      stage: stage.trim(),
    }),
  ],
  [/^terminating on signal (\d+)$/, ([, signal]) => ({ kind: "ended-by-signal", signal: Number(signal) })],
  [
    /^(reload|daemon started) -- version (\S+), configuration (\S+)$/,
    ([, word, version = "", configurationPath = ""]) => ({
      kind: word === "reload" ? "reloaded" : "started",
      version,
      configurationPath,
    }),
  ],
  [
    new RegExp(
      `^${id}: (${checkAction}): (header|mime-header|nested-header|body) (.*) from (\\S+\\[[^\\]]*\\]|local); (${envelope})(?:: (.*))?$`,
      "s",
    ),
    ([, queueId = "", action = "", part = "", found = "", from = "", told = "", text]) => ({
      kind: "header-changed",
      queueId,
      action,
      part,
      found,
      client: from,
      envelope: told,
      text: text ?? null,
    }),
  ],
  [
    new RegExp(`^(?:${id}: )?(info|warning|error|fatal|panic): (.*?)(?:; (from=<[^>]*>.*))?$`, "s"),
    ([, queueId, level, text = "", told]) => ({
      kind: "note",
      level: level as "info",
      queueId: queueId ?? null,
      text,
      envelope: told ?? null,
    }),
  ],
];

/** Reads a line of the house; null for any other. */
export function parseHouseLine(message: string): HouseLine | null {
  for (const [pattern, build] of readers) {
    const found = pattern.exec(message);
    if (found !== null) return build(found);
  }
  return null;
}

/** anvil joins service and client by a colon; both may hold more of them. */
function servedClient(whom: string | undefined): { service: string | null; client: string | null } {
  if (whom === undefined) return { service: null, client: null };
  const [, service = whom, address = null] = /^((?:[\d.]+:)?[^:]+):(.+)$/.exec(whom) ?? [];
  return { service, client: address };
}
