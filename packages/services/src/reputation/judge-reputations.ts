import {
  type DayJudgement,
  judgeDays,
  reputationLimits,
  type StandingReputation,
} from "@mailstead/core/reputation";
import { reputationDays, type Transaction } from "@mailstead/db";
import { and, gte, max, sql } from "drizzle-orm";
import {
  type Database,
  type Installation,
  type ServiceContext,
  type SystemContext,
  seeToOrganisations,
  withTransaction,
} from "../context/index.ts";
import { dayMs, dayText, startOfDay } from "./days.ts";
import { sumFleetDays } from "./fleet-days.ts";
import { readOutsideSights } from "./outside-sights.ts";
import { readDaySums, type Sender, senderOf } from "./read-day-sums.ts";

/** The longest time that a page shows; a first run judges as far back as that. */
const judgedDaysMax = 90;

/**
 * Judges what each receiver thinks of every address and domain, of today and of the days since the last run, and keeps
 * it. Idempotent, and safe beside itself. Gives the organisations in which that failed.
 */
export function judgeReputations(
  ctx: SystemContext,
  at: { app: Database; installation: Installation },
): Promise<{ organisationId: string; cause: unknown }[]> {
  return seeToOrganisations(ctx, at, async (own) => {
    await judgeOrganisation(own);
  });
}

/** The same for one organisation. */
export function judgeOrganisation(ctx: ServiceContext): Promise<void> {
  const now = ctx.now().getTime();
  const today = startOfDay(now);
  return withTransaction(ctx, async (tx) => {
    // Two workers would write the same rows in different orders.
    await tx.execute(sql`select pg_advisory_xact_lock(7265049, hashtext(${ctx.organisationId}))`);
    const [last] = await tx.select({ day: max(reputationDays.day) }).from(reputationDays);
    // A day is judged once more when it is over: much of what its last hours brought was not told before midnight.
    const known = last?.day == null ? Number.NEGATIVE_INFINITY : Date.parse(last.day);
    const from = Math.max(today - (judgedDaysMax - 1) * dayMs, Math.min(known, today) - dayMs);
    const { sums, senders } = await readDaySums(tx, {
      from: from - (reputationLimits.windowDays - 1) * dayMs,
      until: today + dayMs,
      exactFrom: today - dayMs,
    });
    const kept = await readKept(tx, from - dayMs);
    const outside = await readOutsideSights(tx, {
      from: new Date(from - reputationLimits.windowDays * dayMs),
      until: new Date(now),
      asked: {},
    });
    // What addresses have in common says nothing of domains.
    const kinds = Map.groupBy(sums, ({ sender }) => senders.get(sender)?.domainId == null);
    const judged = [...kinds.values()].flatMap((own) =>
      judgeDays(own, {
        from,
        now,
        kept: (sender, provider, day) => kept.get(keyOf(sender, provider ?? "", dayText(day))),
        outside: (sender, provider) => outside(senders.get(sender) ?? {}, provider),
      }),
    );
    const { organisationId } = ctx;
    await keep(tx, { organisationId, judged, senders });
    await sumFleetDays(tx, { organisationId, from: dayText(from) });
  });
}

const keyOf = (sender: string, provider: string, day: string) => `${sender} ${provider} ${day}`;

async function readKept(tx: Transaction, from: number): Promise<ReadonlyMap<string, StandingReputation>> {
  const rows = await tx
    .select({
      serverId: reputationDays.serverId,
      address: reputationDays.address,
      domainId: reputationDays.domainId,
      provider: reputationDays.provider,
      day: reputationDays.day,
      reputation: reputationDays.reputation,
      reason: reputationDays.reason,
      since: reputationDays.since,
    })
    .from(reputationDays)
    .where(and(gte(reputationDays.day, dayText(from))));
  return new Map(
    rows.map(({ provider, day, reputation, reason, since, ...sender }) => [
      keyOf(senderOf(sender), provider, day),
      { reputation, reason, since: since.getTime() },
    ]),
  );
}

interface Kept {
  readonly organisationId: string;
  readonly judged: readonly DayJudgement[];
  readonly senders: ReadonlyMap<string, Sender>;
}

async function keep(tx: Transaction, { organisationId, judged, senders }: Kept): Promise<void> {
  const rows = judged.flatMap(({ sender, provider, day, evidence, reason, since, figures, ...verdict }) => {
    const known = senders.get(sender);
    if (known === undefined) return [];
    return [
      {
        organisation_id: organisationId,
        tenant_id: known.tenantId,
        server_id: known.serverId,
        address: known.address,
        domain_id: known.domainId,
        provider: provider ?? "",
        day: dayText(day),
        reputation: verdict.reputation,
        since: new Date(since).toISOString(),
        reason,
        evidence,
        ...figures,
        judged_messages: verdict.messages,
        judged_troubled: verdict.troubled,
      },
    ];
  });
  // What has not changed is not written anew: most of a large fleet is as it was a quarter of an hour ago.
  for (let start = 0; start < rows.length; start += rowsAtOnce)
    await tx.execute(sql`insert into ${reputationDays} as known
      select * from jsonb_populate_recordset(null::${reputationDays}, ${JSON.stringify(rows.slice(start, start + rowsAtOnce))}::jsonb)
      on conflict (organisation_id, day, server_id, address, domain_id, provider) do update set
        reputation = excluded.reputation, since = excluded.since, reason = excluded.reason,
        evidence = excluded.evidence, messages = excluded.messages, delivered = excluded.delivered,
        deferred = excluded.deferred, refused = excluded.refused, slowed = excluded.slowed,
        blocked = excluded.blocked, judged_messages = excluded.judged_messages,
        judged_troubled = excluded.judged_troubled
      where known.* is distinct from excluded.*`);
}

const rowsAtOnce = 5000;
