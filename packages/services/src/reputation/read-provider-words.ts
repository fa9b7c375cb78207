import { feeds } from "@mailstead/core/feeds";
import type { OutsideSight } from "@mailstead/core/reputation";
import type { Transaction } from "@mailstead/db";
import { type FilterVerdict, readFilterVerdicts, readUnmetRules } from "../feeds/index.ts";
import type { Sighting, SightingTime } from "./outside-sights.ts";

/** Colours of Microsoft's filters, and the rules of Google's that are not kept. */
export async function readProviderWords(
  tx: Transaction,
  { from, asked: { serverId, domainId } }: SightingTime,
): Promise<readonly Sighting[]> {
  const verdicts =
    domainId === undefined
      ? await readFilterVerdicts(tx, { from, ...(serverId === undefined ? {} : { serverId }) })
      : [];
  const rules =
    serverId === undefined
      ? await readUnmetRules(tx, { from, ...(domainId === undefined ? {} : { domainId }) })
      : [];
  const byAddress = Map.groupBy(verdicts, (one) => `${one.serverId} ${one.address}`);
  return [
    ...[...byAddress.values()].flatMap((days): Sighting[] => {
      const [first] = days;
      if (first === undefined) return [];
      const { provider } = feeds.snds;
      return [{ serverId: first.serverId, address: first.address, provider, words: coloursOf(days) }];
    }),
    ...rules.map(({ domainId: owner, requirement, day }) => ({
      domainId: owner,
      provider: feeds["google-postmaster"].provider,
      words: [{ says: "rules-unmet" as const, about: requirement, at: Date.parse(day), untilAt: null }],
    })),
  ];
}

/** A colour holds until the next day that one is told of. */
function coloursOf(days: readonly FilterVerdict[]): OutsideSight["words"] {
  return days.flatMap(({ day, verdict }, place) => {
    if (verdict === "green") return [];
    const next = days[place + 1];
    return [
      {
        says: `filter-${verdict}` as const,
        about: null,
        at: Date.parse(day),
        untilAt: next === undefined ? null : Date.parse(next.day),
      },
    ];
  });
}
