import type { SeenFinding } from "@mailstead/core/checks";
import { type ProviderId, readProvider } from "@mailstead/core/delivery";
import { findingOfReputation, lowReputations, reputationKeyOf } from "@mailstead/core/findings";
import { figuresByProvider } from "@mailstead/core/reputation";
import { reputationDays, type Transaction } from "@mailstead/db";
import { and, eq, inArray, isNotNull } from "drizzle-orm";
import { readCounts } from "../delivery/index.ts";
import { judgedForMs, judgeNow, lastJudgedDay } from "../reputation/index.ts";
import type { SightOwner } from "./group-sights.ts";
import type { OpenDelivery } from "./open-delivery.ts";

export interface FallenReputations {
  readonly found: readonly SeenFinding[];
  /** Keys of those whose two judgements do not agree: what is open of them stays so. */
  readonly unsettled: readonly string[];
}

/**
 * Where a server's reputation fell, by the verdict that its page shows, without a finding that says why already. The verdict
 * that is kept and the one of this minute must agree: so neither a single look nor a figure at its limit opens or closes one.
 */
export async function findFallen(
  tx: Transaction,
  {
    owner,
    open,
    found,
    now,
  }: { owner: SightOwner; open: readonly OpenDelivery[]; found: readonly SeenFinding[]; now: Date },
): Promise<FallenReputations> {
  const counts = await readCounts(
    tx,
    { serverId: owner.id, from: new Date(now.getTime() - judgedForMs), until: now },
    { now },
  );
  const verdictOf = await judgeNow(tx, { subject: { serverId: owner.id }, counts, now });
  const keptLow = await readKeptLow(tx, owner.id);
  const fallen: SeenFinding[] = [];
  const unsettled: string[] = [];
  for (const { provider } of figuresByProvider(counts)) {
    if (provider === null || found.some(({ details }) => details?.provider === provider)) continue;
    const key = reputationKeyOf(provider);
    if (open.some((one) => one.key !== key && one.pair.provider === provider)) continue;
    const isOpen = open.some((one) => one.key === key && one.isOpen);
    const finding = findingOfReputation(provider, verdictOf(provider), { sender: owner.name, isOpen });
    if ((finding !== null) !== keptLow.has(provider)) unsettled.push(key);
    else if (finding !== null) fallen.push({ key, ...finding });
  }
  return { found: fallen, unsettled };
}

/** The receivers at which some address of the server stood low when it was judged last. */
async function readKeptLow(tx: Transaction, serverId: string): Promise<ReadonlySet<ProviderId | null>> {
  const rows = await tx
    .selectDistinct({ provider: reputationDays.provider })
    .from(reputationDays)
    .where(
      and(
        eq(reputationDays.serverId, serverId),
        eq(reputationDays.day, lastJudgedDay),
        inArray(reputationDays.reputation, [...lowReputations]),
      ),
    );
  return new Set(rows.map(({ provider }) => readProvider(provider)));
}

/** The servers that stood low with some receiver when they were judged last, whatever their deliveries tell. */
export async function readLowServers(tx: Transaction): Promise<readonly string[]> {
  const rows = await tx
    .selectDistinct({ serverId: reputationDays.serverId })
    .from(reputationDays)
    .where(
      and(
        isNotNull(reputationDays.serverId),
        eq(reputationDays.day, lastJudgedDay),
        inArray(reputationDays.reputation, [...lowReputations]),
      ),
    );
  return rows.flatMap(({ serverId }) => serverId ?? []);
}
