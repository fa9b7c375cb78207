import { dayOf, feeds, type SndsFigures } from "@mailstead/core/feeds";
import { feedDays, feedDomains, type Transaction } from "@mailstead/db";
import { and, asc, eq, gte, isNotNull, sql } from "drizzle-orm";

/** What Microsoft's filters made of one day's mail from an address. */
export interface FilterVerdict {
  readonly serverId: string;
  readonly address: string;
  /** As 2026-11-20. */
  readonly day: string;
  readonly verdict: NonNullable<SndsFigures["verdict"]>;
}

/** The colours that SNDS told since a moment, day by day for each address; of one server, or of all that can be seen. */
export async function readFilterVerdicts(
  tx: Transaction,
  { serverId, from }: { serverId?: string; from: Date },
): Promise<FilterVerdict[]> {
  const rows = await tx
    .select({
      serverId: feedDays.serverId,
      address: feedDays.subject,
      day: feedDays.day,
      figures: feedDays.figures,
    })
    .from(feedDays)
    .where(
      and(
        gte(feedDays.day, dayOf(from)),
        isNotNull(feedDays.serverId),
        sql`${feedDays.figures} ->> 'kind' = 'snds'`,
        serverId === undefined ? undefined : eq(feedDays.serverId, serverId),
      ),
    )
    .orderBy(asc(feedDays.subject), asc(feedDays.day));
  return rows.flatMap(({ figures, serverId: owner, ...row }) =>
    figures.kind !== "snds" || figures.verdict === null || owner === null
      ? []
      : [{ ...row, serverId: owner, verdict: figures.verdict }],
  );
}

/** A rule of Google's for senders that a domain does not keep. */
export interface UnmetRule {
  readonly domainId: string;
  readonly requirement: string;
  /** The day whose mail it is told of. */
  readonly day: string;
}

/** What Google says is not kept, by its last word; of one domain, or of all that can be seen. */
export async function readUnmetRules(
  tx: Transaction,
  { domainId, from }: { domainId?: string; from: Date },
): Promise<UnmetRule[]> {
  const rows = await tx
    .select({
      domainId: feedDomains.domainId,
      compliance: feedDomains.compliance,
      lookedAt: feedDomains.lookedAt,
    })
    .from(feedDomains)
    .where(
      and(
        gte(feedDomains.lookedAt, from),
        domainId === undefined ? undefined : eq(feedDomains.domainId, domainId),
      ),
    );
  const agoMs = feeds["google-postmaster"].usualAgeDays * 86_400_000;
  return rows.flatMap(({ domainId: owner, compliance, lookedAt }) =>
    compliance
      .filter(({ isMet }) => !isMet)
      .map(({ requirement }) => ({
        domainId: owner,
        requirement,
        day: dayOf(new Date(lookedAt.getTime() - agoMs)),
      })),
  );
}
