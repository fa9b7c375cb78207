import { certificateFindingPrefix } from "@mailstead/core/certificates";
import { conditionFindingPrefix } from "@mailstead/core/checks";
import { type FindingTopic, topicOf } from "@mailstead/core/finding-kinds";
import { deliveryFindingPrefix, fleetFindingPrefix } from "@mailstead/core/findings";
import { ruleFindingPrefix } from "@mailstead/core/sender-rules";
import { verdictFindingPrefix } from "@mailstead/core/verdicts";
import { checkFindings, domains, servers, tenants, zones } from "@mailstead/db";
import { and, eq, isNull, lte, notLike, or, sql } from "drizzle-orm";
import { type ServiceContext, withTransaction } from "../context/index.ts";
import { countSubjects, type FindingSubject, findingSubject } from "./finding-subject.ts";

/** What hurts mail now and has no line of its own. */
export interface OpenError {
  key: string;
  sentence: string;
  subject: FindingSubject;
  /** How many domains share it. */
  subjectCount: number;
  tenantName: string;
  /** Of one of them, the oldest: its page names the others. */
  findingId: string;
  topic: FindingTopic;
  /** To answer it by; null where many domains share it, which are many findings. */
  finding: { id: string; acknowledgedBy: string | null; snoozedUntil: Date | null } | null;
}

const rowsMax = 2000;
const errorsMax = 50;

/**
 * The errors that are open in zones and servers, those first that are open for longest; what many domains share is
 * one. What is snoozed is left out. Wrong records are left out: a domain lists those together. So are certificates that we hold, what hosts tell of
 * themselves and what receivers answer or ask, which have lines of their own.
 */
export async function listOpenErrors(ctx: ServiceContext): Promise<OpenError[]> {
  const now = ctx.now();
  const rows = await withTransaction(ctx, (tx) =>
    tx
      .select({
        id: checkFindings.id,
        sentence: checkFindings.sentence,
        findingKey: checkFindings.key,
        domainId: checkFindings.domainId,
        serverId: checkFindings.serverId,
        domainName: domains.name,
        serverName: servers.name,
        zoneId: checkFindings.zoneId,
        zoneName: zones.name,
        withdrawnDomain: checkFindings.withdrawnDomain,
        tenantName: tenants.name,
        acknowledgedBy: checkFindings.acknowledgedBy,
        snoozedUntil: checkFindings.snoozedUntil,
      })
      .from(checkFindings)
      .leftJoin(tenants, eq(tenants.id, checkFindings.tenantId))
      .leftJoin(domains, eq(domains.id, checkFindings.domainId))
      .leftJoin(servers, eq(servers.id, checkFindings.serverId))
      .leftJoin(zones, eq(zones.id, checkFindings.zoneId))
      .where(
        and(
          isNull(checkFindings.closedAt),
          eq(checkFindings.severity, "error"),
          or(isNull(checkFindings.snoozedUntil), lte(checkFindings.snoozedUntil, now)),
          notLike(checkFindings.key, "record %"),
          notLike(checkFindings.key, `${certificateFindingPrefix}%`),
          notLike(checkFindings.key, `${conditionFindingPrefix}%`),
          notLike(checkFindings.key, `${deliveryFindingPrefix}%`),
          notLike(checkFindings.key, `${fleetFindingPrefix}%`),
          notLike(checkFindings.key, `${ruleFindingPrefix}%`),
          notLike(checkFindings.key, `${verdictFindingPrefix}%`),
        ),
      )
      .orderBy(sql`${checkFindings.openedAt}, ${checkFindings.id}`)
      .limit(rowsMax),
  );
  return [...Map.groupBy(rows, ({ sentence }) => sentence).values()]
    .flatMap((shared) => {
      const [first] = shared;
      if (first === undefined) return [];
      const { id, sentence, findingKey, tenantName, acknowledgedBy, snoozedUntil } = first;
      const subject = findingSubject(first);
      return [
        {
          key: `${subject.id} ${sentence}`,
          findingId: id,
          topic: topicOf(findingKey),
          sentence,
          subject,
          subjectCount: countSubjects(shared.map(findingSubject)),
          tenantName: tenantName ?? "",
          finding: shared.length === 1 ? { id, acknowledgedBy, snoozedUntil } : null,
        },
      ];
    })
    .slice(0, errorsMax);
}
