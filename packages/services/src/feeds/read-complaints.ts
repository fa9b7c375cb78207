import { dayOf, feeds } from "@mailstead/core/feeds";
import type { ComplaintDay, ComplaintScope } from "@mailstead/core/reputation";
import { feedDays, type Transaction } from "@mailstead/db";
import { and, asc, eq, gte, isNotNull, lt } from "drizzle-orm";

/** The complaints that feeds told of the days from one moment to another. Days without complaints told are left out. */
export async function readComplaints(
  tx: Transaction,
  { domainId, serverId }: ComplaintScope,
  { from, until }: { from: Date; until: Date },
): Promise<ComplaintDay[]> {
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
  return rows.map(({ subject, messages, lower, upper, figures, ...row }) => ({
    ...row,
    address: feeds[figures.kind].of === "address" ? subject : null,
    reporter: feeds[figures.kind].title,
    provider: feeds[figures.kind].provider,
    source: figures.kind,
    complaints: figures.kind === "yahoo" ? figures.complaints : null,
    of: messages,
    share: { lower: lower ?? 0, upper: upper ?? 1 },
  }));
}
