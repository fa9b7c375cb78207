import type { CheckFinding } from "../dns/index.ts";

/** Where the catch-all of a domain leads: each address with what it is delivered to, by the directory. */
export interface CatchAllStep {
  address: string;
  /** Where mail for it goes on to; empty when it ends here, in a mailbox or outside. */
  leadsTo: readonly string[];
}

/** Judges whether mail that a catch-all takes arrives anywhere, or goes round. */
export function judgeCatchAll(
  domain: string,
  steps: readonly CatchAllStep[],
): CheckFinding<"catch-all-loop">[] {
  const byAddress = new Map(steps.map((step) => [step.address, step.leadsTo]));
  const round = findRound(`@${domain}`, { byAddress, way: [] });
  if (round === null) return [];
  return [
    {
      kind: "catch-all-loop",
      about: domain,
      severity: "error",
      sentence: `The catch-all of ${domain} leads back to itself: ${round.join(" → ")}.`,
      evidence: steps.map(({ address, leadsTo }) => `${address} → ${leadsTo.join(", ")}`),
      why: "Mail to unknown names is taken and then comes back to strangers as bounces, which block lists punish.",
      fix: "Let the catch-all end in a mailbox that exists, or take it away.",
    },
  ];
}

function findRound(
  address: string,
  at: { byAddress: ReadonlyMap<string, readonly string[]>; way: readonly string[] },
): string[] | null {
  if (at.way.includes(address)) return [...at.way.slice(at.way.indexOf(address)), address];
  for (const next of at.byAddress.get(address) ?? []) {
    const round = findRound(next, { byAddress: at.byAddress, way: [...at.way, address] });
    if (round !== null) return round;
  }
  return null;
}
