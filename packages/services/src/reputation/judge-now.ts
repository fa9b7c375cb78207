import { type PeriodCount, type ProviderId, readProvider } from "@mailstead/core/delivery";
import {
  type Fleet,
  figuresByProvider,
  fleetOf,
  judgeReputation,
  outsideFigures,
  type ReputationVerdict,
  reputationLimits,
  senderFigures,
} from "@mailstead/core/reputation";
import { reputationDays, type Transaction } from "@mailstead/db";
import { and, eq, isNotNull } from "drizzle-orm";
import { dayMs } from "./days.ts";
import { lastJudgedDay } from "./get-fleet-reputation.ts";
import { readOutsideSights } from "./outside-sights.ts";

/** For how long a judgement looks back. */
export const judgedForMs = reputationLimits.windowDays * dayMs;

/** Whose mail it is; of a server, whichever of its addresses it was sent from, unless one is named. */
export type Judged = { readonly serverId: string; readonly address?: string } | { readonly domainId: string };

/** What a receiver thinks of a sender by this minute. */
export interface VerdictNow extends ReputationVerdict {
  /** Null where it has changed since it was last kept. */
  readonly since: Date | null;
}

/** Judges by counts of the last week what each receiver in them thinks of a sender, with what the fleet has in common. */
export async function judgeNow(
  tx: Transaction,
  { subject, counts, now }: { subject: Judged; counts: readonly PeriodCount[]; now: Date },
): Promise<(provider: ProviderId | null) => VerdictNow> {
  const until = now.getTime();
  const from = until - judgedForMs;
  const outside = await readOutsideSights(tx, { from: new Date(from), until: now, asked: subject });
  const standing = await readStanding(tx, subject);
  const figures = figuresByProvider(counts);
  const isFew = figures.some(({ messages }) => messages < reputationLimits.messagesMin);
  const fleets = isFew ? await readFleets(tx, subject) : new Map<ProviderId | null, Fleet | null>();
  const verdicts = new Map(
    figures.map((seen) => {
      const { provider } = seen;
      const sight = outsideFigures(outside({ ...subject }, provider), { from, until });
      const verdict = judgeReputation(senderFigures(seen, sight), until, fleets.get(provider) ?? null);
      const kept = standing.filter(
        (row) => row.provider === provider && row.reputation === verdict.reputation,
      );
      const since = kept.length === 0 ? null : new Date(Math.min(...kept.map((row) => row.since.getTime())));
      return [provider, { ...verdict, since }];
    }),
  );
  const silent: VerdictNow = {
    reputation: "UNKNOWN",
    evidence: [],
    messages: 0,
    missing: reputationLimits.messagesMin,
    since: null,
  };
  return (provider) => verdicts.get(provider) ?? silent;
}

async function readStanding(tx: Transaction, subject: Judged) {
  const rows = await tx
    .select({
      provider: reputationDays.provider,
      reputation: reputationDays.reputation,
      since: reputationDays.since,
    })
    .from(reputationDays)
    .where(
      and(
        "serverId" in subject
          ? and(
              eq(reputationDays.serverId, subject.serverId),
              subject.address === undefined ? undefined : eq(reputationDays.address, subject.address),
            )
          : eq(reputationDays.domainId, subject.domainId),
        eq(reputationDays.day, lastJudgedDay),
      ),
    );
  return rows.map((row) => ({ ...row, provider: readProvider(row.provider) }));
}

async function readFleets(
  tx: Transaction,
  subject: Judged,
): Promise<ReadonlyMap<ProviderId | null, Fleet | null>> {
  const rows = await tx
    .select({
      provider: reputationDays.provider,
      messages: reputationDays.judgedMessages,
      troubled: reputationDays.judgedTroubled,
    })
    .from(reputationDays)
    .where(
      and(
        isNotNull("serverId" in subject ? reputationDays.serverId : reputationDays.domainId),
        eq(reputationDays.day, lastJudgedDay),
      ),
    );
  return new Map(
    [...Map.groupBy(rows, ({ provider }) => readProvider(provider))].map(([provider, senders]) => [
      provider,
      fleetOf(senders),
    ]),
  );
}
