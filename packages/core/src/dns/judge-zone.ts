/** What one address of a name server says when it is asked for the zone itself. */
export type ZoneServer = { nameServer: string; address: string } & (
  | { kind: "authoritative"; serial: number; nameServers: readonly string[] }
  /** It answers, but not for this zone. */
  | { kind: "lame"; problem: string }
  | { kind: "silent"; problem: string }
);

export interface ZoneFacts {
  zone: string;
  /** The name servers that the zone above names, and who said so; null when nobody there could be asked. */
  delegation: { nameServers: readonly string[]; saidBy: string } | null;
  /** Names of name servers that no address could be found for. */
  withoutAddress: readonly string[];
  servers: readonly ZoneServer[];
}

/** trouble: nobody answers for the zone. attention: some receivers are answered late, not at all or otherwise. */
export interface ZoneFinding {
  kind: "lame" | "silent" | "no-address" | "delegation-differs" | "serials-differ";
  level: "trouble" | "attention";
  /** One sentence for a person. */
  sentence: string;
  evidence: readonly string[];
}

export interface ZoneVerdict {
  zone: string;
  findings: readonly ZoneFinding[];
}

/** Judges whether all the name servers of a zone answer for it, agree on its version, and are those that the zone above names. */
export function judgeZone(facts: ZoneFacts): ZoneVerdict {
  const findings = [
    ...unhelpful(facts, "lame"),
    ...unhelpful(facts, "silent"),
    ...withoutAddress(facts),
    ...differingDelegation(facts),
    ...differingSerials(facts),
  ];
  return { zone: facts.zone, findings };
}

const unhelpfulWords = {
  lame: "does not answer for this zone, so a part of the questions is lost",
  silent: "does not answer, so a part of the questions waits",
} as const;

function unhelpful({ zone, servers }: ZoneFacts, kind: "lame" | "silent"): ZoneFinding[] {
  const found = servers.filter((server) => server.kind === kind);
  if (found.length === 0) return [];
  const isAll = servers.every((server) => server.kind !== "authoritative");
  return [
    {
      kind,
      // Silence of all may be ours: a network that lets no questions out.
      level: isAll && kind === "lame" ? "trouble" : "attention",
      sentence: isAll
        ? `No name server answers for ${zone}, so nobody can find its records.`
        : `${distinct(found.map((server) => server.nameServer)).join(", ")} is named for ${zone} and ${unhelpfulWords[kind]}.`,
      evidence: found.map(
        (server) => `${server.nameServer} (${server.address}): ${"problem" in server ? server.problem : ""}`,
      ),
    },
  ];
}

function withoutAddress({ zone, withoutAddress: names }: ZoneFacts): ZoneFinding[] {
  return names.map((name) => ({
    kind: "no-address",
    level: "attention",
    sentence: `${name} is named as a name server of ${zone}, but no address is known for it.`,
    evidence: [],
  }));
}

function differingDelegation({ zone, delegation, servers }: ZoneFacts): ZoneFinding[] {
  const own = servers.filter((server) => server.kind === "authoritative");
  if (delegation === null || own.length === 0) return [];
  const [above, below] = [distinct(delegation.nameServers), distinct(own.flatMap((one) => one.nameServers))];
  if (above.join() === below.join()) return [];
  const only = (names: readonly string[], others: readonly string[]) =>
    names.filter((name) => !others.includes(name)).join(", ") || "none";
  return [
    {
      kind: "delegation-differs",
      level: "attention",
      sentence: `The zone above and ${zone} itself name different name servers; only above: ${only(above, below)}; only in the zone: ${only(below, above)}.`,
      evidence: [
        `${delegation.saidBy}: ${above.join(", ")}`,
        ...own.map(
          (server) => `${server.nameServer} (${server.address}): ${distinct(server.nameServers).join(", ")}`,
        ),
      ],
    },
  ];
}

function differingSerials({ zone, servers }: ZoneFacts): ZoneFinding[] {
  const own = servers.filter((server) => server.kind === "authoritative");
  if (new Set(own.map((server) => server.serial)).size < 2) return [];
  return [
    {
      kind: "serials-differ",
      level: "attention",
      sentence: `The name servers of ${zone} hold different versions of it; if that lasts longer than an hour, one of them no longer gets updates.`,
      evidence: own.map((server) => `${server.nameServer} (${server.address}): version ${server.serial}`),
    },
  ];
}

function distinct(names: readonly string[]): string[] {
  return [...new Set(names.map((name) => name.toLowerCase()))].sort();
}
