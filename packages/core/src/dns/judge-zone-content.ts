import type { CheckFinding } from "./check-finding.ts";
import type { SoaTimes, ZoneFacts } from "./zone-facts.ts";

export type ZoneContentFindingKind = "soa-times" | "wildcard";

const dayS = 86_400;

// RFC 1912 §2.2 and RIPE-203, widened to what large providers publish and live well with.
const bounds: Record<keyof SoaTimes, { least: number; most: number; words: string }> = {
  refreshS: { least: 30, most: 2 * dayS, words: "refresh" },
  retryS: { least: 30, most: dayS, words: "retry" },
  expireS: { least: 2 * dayS, most: 60 * dayS, words: "expire" },
  negativeS: { least: 0, most: dayS, words: "minimum" },
};

/** Judges what stands in the zone apart from its name servers: the times of its SOA, and wildcards in our way. */
export function judgeZoneContent(facts: ZoneFacts): CheckFinding<ZoneContentFindingKind>[] {
  return [...soaTimes(facts), ...wildcards(facts)];
}

function soaTimes({ zone, servers }: ZoneFacts): CheckFinding<"soa-times">[] {
  const first = servers.find((server) => server.kind === "authoritative");
  if (first?.kind !== "authoritative") return [];
  const { times } = first;
  const outside = (Object.keys(bounds) as (keyof SoaTimes)[])
    .filter((key) => times[key] < bounds[key].least || times[key] > bounds[key].most)
    .map(
      (key) =>
        `${bounds[key].words} is ${times[key]} s, and ought to be ${bounds[key].least} to ${bounds[key].most} s`,
    );
  // A secondary that gives up before it has tried again loses the zone at the first hiccup.
  if (times.expireS <= times.refreshS + times.retryS)
    outside.push(
      `expire (${times.expireS} s) is not longer than refresh and retry together (${times.refreshS + times.retryS} s)`,
    );
  if (outside.length === 0) return [];
  return [
    {
      kind: "soa-times",
      about: zone,
      severity: "warning",
      sentence: `The times in the SOA record of ${zone} are out of their usual range.`,
      evidence: [
        `${first.nameServer} (${first.address}): refresh ${times.refreshS}, retry ${times.retryS}, expire ${times.expireS}, minimum ${times.negativeS}`,
        ...outside,
      ],
      why: "They say how soon secondaries follow a change, when they give up, and how long receivers remember that a record did not exist: a new key may stay unseen for longer than a day.",
      fix: "Set the times at the DNS provider, for example to refresh 7200, retry 3600, expire 1209600, minimum 3600.",
    },
  ];
}

function wildcards({ zone, wildcards: found }: ZoneFacts): CheckFinding<"wildcard">[] {
  return found.map(({ name, type, values }) => ({
    kind: "wildcard",
    // A website for every name is common, and mail hardly meets it.
    about: `${name} ${type}`,
    severity: type === "TXT" || type === "MX" ? "warning" : "instruction",
    sentence: `${name} answers for every name that nobody published, with ${type} records.`,
    evidence: values.map((value) => `${name} ${type} ${value}`),
    why:
      type === "TXT"
        ? "Receivers that look for a policy or a key find this text instead, and may take the domain for misconfigured."
        : "Names that do not exist seem to take part in mail: strangers can send in their name, and misspelt ones lead here.",
    fix: `Take the wildcard out of ${zone}, or publish the names that are meant one by one.`,
  }));
}
