import type { SeenFinding } from "@mailstead/core/checks";
import { findingOfReputation, reputationKeyOf } from "@mailstead/core/findings";
import { figuresByProvider, judgeReputation, senderFigures } from "@mailstead/core/reputation";
import type { Transaction } from "@mailstead/db";
import { readCounts } from "../delivery/index.ts";
import type { SightOwner } from "./group-sights.ts";
import type { OpenDelivery } from "./open-delivery.ts";

const dayMs = 86_400_000;

/** Where a server's reputation fell without a finding that says why already: what is told once is enough. */
export async function findFallen(
  tx: Transaction,
  {
    owner,
    open,
    found,
    now,
  }: { owner: SightOwner; open: readonly OpenDelivery[]; found: readonly SeenFinding[]; now: Date },
): Promise<SeenFinding[]> {
  const from = new Date(now.getTime() - dayMs);
  const counts = await readCounts(tx, { serverId: owner.id, from, until: now }, now);
  return figuresByProvider(counts).flatMap((figures) => {
    const { provider } = figures;
    if (provider === null || found.some(({ details }) => details?.provider === provider)) return [];
    const key = reputationKeyOf(provider);
    if (open.some((one) => one.key !== key && one.pair.provider === provider)) return [];
    const isOpen = open.some((one) => one.key === key && one.isOpen);
    const finding = findingOfReputation(provider, judgeReputation(senderFigures(figures), now.getTime()), {
      sender: owner.name,
      isOpen,
    });
    return finding === null ? [] : [{ key, ...finding }];
  });
}
