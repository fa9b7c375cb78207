import type { CheckFinding } from "./check-finding.ts";
import { glueFindings } from "./judge-glue.ts";
import { networkOf } from "./network-of.ts";
import { expandIpv6 } from "./reverse-name.ts";
import type { ZoneFacts, ZoneServer } from "./zone-facts.ts";

export type NameServerFindingKind =
  | "lame"
  | "silent"
  | "no-tcp"
  | "no-address"
  | "name-server-alias"
  | "delegation-differs"
  | "serials-differ"
  | "glue-missing"
  | "glue-differs"
  | "one-name-server"
  | "one-network"
  | "no-ipv6";

type Finding = CheckFinding<NameServerFindingKind>;

/** Judges who answers for a zone: whether they can be found and asked, do answer, and agree. */
export function judgeNameServers(facts: ZoneFacts): Finding[] {
  return [
    ...unhelpful(facts, "lame"),
    ...unhelpful(facts, "silent"),
    ...withoutTcp(facts),
    ...withoutAddress(facts),
    ...aliases(facts),
    ...differingDelegation(facts),
    ...differingSerials(facts),
    ...glueFindings(facts),
    ...tooFew(facts),
    ...withoutIpv6(facts),
  ];
}

const unhelpfulWords = {
  lame: {
    what: "does not answer for this zone, so a part of the questions is lost",
    why: "Receivers that ask this server find none of the domain's records; mail is delayed or refused by chance.",
    fix: "Set the zone up on that server, or take its name out of the delegation at the registrar and out of the zone.",
  },
  silent: {
    what: "does not answer, so a part of the questions waits",
    why: "Every receiver that asks this server first waits for seconds before it tries another.",
    fix: "Bring the server back, open UDP and TCP port 53 to it, or take its name out of the delegation and the zone.",
  },
} as const;

function unhelpful({ zone, servers }: ZoneFacts, kind: "lame" | "silent"): Finding[] {
  const found = servers.filter((server) => server.kind === kind);
  if (found.length === 0) return [];
  const isAll = servers.every((server) => server.kind !== "authoritative");
  const { what, why, fix } = unhelpfulWords[kind];
  return [
    {
      kind,
      about: zone,
      // Silence of all may be ours: a network that lets no questions out.
      severity: isAll && kind === "lame" ? "error" : "warning",
      sentence: isAll
        ? `No name server answers for ${zone}, so nobody can find its records.`
        : `${distinct(found.map((server) => server.nameServer)).join(", ")} is named for ${zone} and ${what}.`,
      evidence: found.map((server) => `${who(server)}: ${"problem" in server ? server.problem : ""}`),
      why,
      fix,
    },
  ];
}

function withoutTcp({ zone, servers }: ZoneFacts): Finding[] {
  const found = authoritative(servers).filter(({ tcpProblem }) => tcpProblem !== null);
  if (found.length === 0) return [];
  return [
    {
      kind: "no-tcp",
      about: zone,
      severity: "warning",
      sentence: `${distinct(found.map((server) => server.nameServer)).join(", ")} answers for ${zone} over UDP and not over TCP.`,
      evidence: found.map((server) => `${who(server)}: ${server.tcpProblem}`),
      why: "Answers that do not fit into one packet, such as DKIM keys and signed answers, are fetched over TCP; receivers cannot read them (RFC 7766).",
      fix: "Open TCP port 53 to the name server, in its firewall and in its configuration.",
    },
  ];
}

function withoutAddress({ zone, withoutAddress: names }: ZoneFacts): Finding[] {
  return names.map((name) => ({
    kind: "no-address",
    about: name,
    severity: "warning",
    sentence: `${name} is named as a name server of ${zone}, but no address is known for it.`,
    evidence: [`NS of ${zone}: ${name}`, `${name} A, AAAA: nothing`],
    why: "Receivers cannot ask a server without an address, and wait before they try another.",
    fix: `Publish an address of ${name}, or take the name out of the delegation and the zone.`,
  }));
}

function aliases({ zone, aliases: found }: ZoneFacts): Finding[] {
  return found.map(({ nameServer, target }) => ({
    kind: "name-server-alias",
    about: nameServer,
    severity: "warning",
    sentence: `${nameServer}, a name server of ${zone}, is an alias (CNAME).`,
    evidence: [`${nameServer} CNAME ${target}`],
    why: "The name of a name server must lead to addresses itself (RFC 2181 §10.3); some resolvers do not follow the alias and find no server.",
    fix: `Publish A and AAAA records for ${nameServer} in place of the alias, or name ${target} as the name server.`,
  }));
}

function differingDelegation({ zone, delegation, servers }: ZoneFacts): Finding[] {
  const own = authoritative(servers);
  if (delegation === null || own.length === 0) return [];
  const [above, below] = [distinct(delegation.nameServers), distinct(own.flatMap((one) => one.nameServers))];
  if (above.join() === below.join()) return [];
  const only = (names: readonly string[], others: readonly string[]) =>
    names.filter((name) => !others.includes(name)).join(", ") || "none";
  return [
    {
      kind: "delegation-differs",
      about: zone,
      severity: "warning",
      sentence: `The zone above and ${zone} itself name different name servers; only above: ${only(above, below)}; only in the zone: ${only(below, above)}.`,
      evidence: [
        `${delegation.saidBy}: ${above.join(", ")}`,
        ...own.map((server) => `${who(server)}: ${distinct(server.nameServers).join(", ")}`),
      ],
      why: "Which servers a receiver asks depends on what it remembers, so a change may not reach all of them.",
      fix: "Make the name servers at the registrar and the NS records of the zone the same list.",
      record: below.map((name) => `${zone}. IN NS ${name}.`).join("\n"),
    },
  ];
}

function differingSerials({ zone, servers }: ZoneFacts): Finding[] {
  const own = authoritative(servers);
  if (new Set(own.map((server) => server.serial)).size < 2) return [];
  return [
    {
      kind: "serials-differ",
      about: zone,
      severity: "warning",
      sentence: `The name servers of ${zone} hold different versions of it; if that lasts longer than an hour, one of them no longer gets updates.`,
      evidence: own.map((server) => `${who(server)}: version ${server.serial}`),
      why: "Receivers see old or new records by chance: a new DKIM key may be unknown to some of them.",
      fix: "Look on the server with the older version why it does not fetch the zone from its primary.",
    },
  ];
}

function tooFew({ zone, servers, withoutAddress: unfound }: ZoneFacts): Finding[] {
  const own = authoritative(servers);
  if (own.length === 0) return [];
  const fix = "Add a second name server, in another network and best of another provider.";
  const names = distinct([...servers.map((server) => server.nameServer), ...unfound]);
  const addresses = distinct(servers.map(({ address }) => plain(address)));
  // A name without address is a finding of its own.
  if (names.length < 2 || (addresses.length < 2 && unfound.length === 0))
    return [
      {
        kind: "one-name-server",
        about: zone,
        severity: "warning",
        sentence: `${zone} has only one name server.`,
        evidence: servers.map(who),
        why: "While it is away, nobody finds the domain: mail waits, and what waits too long comes back (RFC 1034 §4.1 asks for two).",
        fix,
      },
    ];
  const networks = distinct(servers.map(({ address }) => networkOf(address)));
  // One network of each family is still one place when the same servers stand in both.
  const isOne = (isIpv6: boolean) => networks.filter((one) => one.includes(":") === isIpv6).length <= 1;
  if (!isOne(false) || !isOne(true)) return [];
  return [
    {
      kind: "one-network",
      about: zone,
      severity: "instruction",
      sentence: `All the name servers of ${zone} stand in one network.`,
      evidence: servers.map(who),
      why: "One broken line or router takes all of them away at once (RFC 2182 §3.1).",
      fix,
    },
  ];
}

// As many as a zone needs at all: who reaches one alone loses the zone with it (RFC 1034 §4.1).
const ipv6ServersWanted = 2;

function withoutIpv6({ zone, ipv6, withoutAddress: unfound }: ZoneFacts): Finding[] {
  // A name without any address is a finding of its own.
  const servers = ipv6.filter(({ nameServer }) => !unfound.includes(nameServer));
  const named = (has: boolean | null) =>
    distinct(servers.filter(({ hasIpv6 }) => hasIpv6 === has).map(({ nameServer }) => nameServer));
  const [without, others] = [named(false), named(true)];
  if (without.length === 0 || named(null).length > 0 || others.length >= ipv6ServersWanted) return [];
  return [
    {
      kind: "no-ipv6",
      about: zone,
      severity: "instruction",
      sentence:
        others.length === 0
          ? `No name server of ${zone} has an IPv6 address.`
          : `Only ${others.join()} of the name servers of ${zone} has an IPv6 address.`,
      evidence: without.map((name) => `${name} AAAA: none`),
      why: "Receivers whose resolvers have IPv6 alone cannot find the domain, or lose it while that one server is away (RFC 3901 §4).",
      fix: `Have whoever runs ${without.join(", ")} give it an IPv6 address and publish it (AAAA), with glue where the name lies in the zone itself.`,
    },
  ];
}

function authoritative(servers: readonly ZoneServer[]): Extract<ZoneServer, { kind: "authoritative" }>[] {
  return servers.filter((server) => server.kind === "authoritative");
}

function who({ nameServer, address }: { nameServer: string; address: string }): string {
  return `${nameServer} (${address})`;
}

function plain(address: string): string {
  return address.includes(":") ? expandIpv6(address) : address;
}

function distinct(names: readonly string[]): string[] {
  return [...new Set(names.map((name) => name.toLowerCase()))].sort();
}
