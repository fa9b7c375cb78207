import type { ProviderId } from "@mailstead/core/delivery";
import { dayOf, type FeedKind, feeds, type ShareBand } from "@mailstead/core/feeds";
import { feedDays, type Transaction } from "@mailstead/db";
import { and, asc, eq, gte, isNotNull, lt } from "drizzle-orm";

/** Whose complaints: of a domain, of the addresses of a server, or of all that the transaction sees. */
export interface ComplaintScope {
  readonly domainId?: string;
  readonly serverId?: string;
}

/** Complaints of one day, as a provider told them. */
export interface ToldComplaints {
  /** The domain, or for SNDS the address. */
  readonly subject: string;
  readonly domainId: string | null;
  readonly serverId: string | null;
  readonly provider: ProviderId;
  /** ISO 8601, like 2026-11-20. */
  readonly day: string;
  readonly source: FeedKind;
  /** How many; null where the provider tells a share alone. */
  readonly complaints: number | null;
  /** Messages that the share is of; null where the provider does not tell. */
  readonly of: number | null;
  readonly share: ShareBand;
}

/** The complaints that feeds told of the days from one moment to another. Days without complaints told are left out. */
export async function readComplaints(
  tx: Transaction,
  { domainId, serverId }: ComplaintScope,
  { from, until }: { from: Date; until: Date },
): Promise<ToldComplaints[]> {
  const rows = await tx
    .select({
      subject: feedDays.subject,
      domainId: feedDays.domainId,
      serverId: feedDays.serverId,
      day: feedDays.day,
      messages: feedDays.messages,
      lower: feedDays.complaintsLower,
      upper: feedDays.complaintsUpper,
      figures: feedDays.figures,
    })
    .from(feedDays)
    .where(
      and(
        gte(feedDays.day, dayOf(from)),
        lt(feedDays.day, dayOf(until)),
        isNotNull(feedDays.complaintsLower),
        domainId === undefined ? undefined : eq(feedDays.domainId, domainId),
        serverId === undefined ? undefined : eq(feedDays.serverId, serverId),
      ),
    )
    .orderBy(asc(feedDays.day), asc(feedDays.subject));
  return rows.map(({ messages, lower, upper, figures, ...row }) => ({
    ...row,
    provider: feeds[figures.kind].provider,
    source: figures.kind,
    complaints: figures.kind === "yahoo" ? figures.complaints : null,
    of: messages,
    share: { lower: lower ?? 0, upper: upper ?? 1 },
  }));
}
