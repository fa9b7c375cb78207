import { isDeepStrictEqual } from "node:util";
import { accountFindingPrefix } from "@mailstead/core/accounts";
import { seenBlockListPrefix } from "@mailstead/core/block-lists";
import { certificateFindingPrefix } from "@mailstead/core/certificates";
import {
  conditionFindingPrefix,
  type FindingChanges,
  isWorse,
  planFindingChanges,
  type SeenFinding,
  smarthostFindingPrefix,
} from "@mailstead/core/checks";
import { keyFindingPrefix } from "@mailstead/core/dkim";
import { feedFindingPrefix } from "@mailstead/core/feeds";
import { detailsOf } from "@mailstead/core/finding-kinds";
import { deliveryFindingPrefix, fleetFindingPrefix } from "@mailstead/core/findings";
import { measureFindingPrefix } from "@mailstead/core/measures";
import { reportFindingPrefix } from "@mailstead/core/reports";
import { rolloutFindingPrefix } from "@mailstead/core/rollouts";
import { ruleFindingPrefix } from "@mailstead/core/sender-rules";
import { verdictFindingPrefix } from "@mailstead/core/verdicts";
import { checkFindings, insertMany, newId, type Transaction } from "@mailstead/db";
import { and, eq, inArray, isNull, like, lt, notLike, type SQL, sql } from "drizzle-orm";

export interface CheckedSubject {
  organisationId: string;
  /** Null, and none of the four, for what is of the whole organisation. */
  tenantId: string | null;
  /** Exactly one of the four. */
  domainId?: string;
  serverId?: string;
  zoneId?: string;
  /** The name of a domain whose records are to be taken away; it may be gone. */
  withdrawnDomain?: string;
}

/** check: a look from outside. The others are told apart by how their keys begin. */
export type FindingSource = "check" | keyof typeof prefixes;

const prefixes = {
  certificates: certificateFindingPrefix,
  keys: keyFindingPrefix,
  host: conditionFindingPrefix,
  measures: measureFindingPrefix,
  reports: reportFindingPrefix,
  feeds: feedFindingPrefix,
  blockLists: seenBlockListPrefix,
  accounts: accountFindingPrefix,
  delivery: deliveryFindingPrefix,
  fleet: fleetFindingPrefix,
  rules: ruleFindingPrefix,
  verdicts: verdictFindingPrefix,
  smarthosts: smarthostFindingPrefix,
  rollouts: rolloutFindingPrefix,
} as const;

/** How long a finding that is gone can still be looked up. */
const closedKeptForMs = 90 * 86_400_000;

/**
 * Keeps what a check found: what is new is opened, what is gone is closed, and what was found again keeps the day it
 * was opened. Call it in a transaction that holds the subject's row, so that two checks of it come one after the other.
 * Gives what changed, and what stayed open only because nobody could look at it.
 */
export async function recordFindings(
  tx: Transaction,
  subject: CheckedSubject,
  {
    found,
    unseen,
    at,
    by = "check",
  }: {
    found: readonly SeenFinding[];
    unseen: (key: string) => boolean;
    at: Date;
    /** Whose findings these are all of; what the others found stays as it is. */
    by?: FindingSource;
  },
): Promise<FindingChanges & { unseen: string[] }> {
  const ofSubject = and(isOf(subject), isBy(by));
  const before = await tx
    .select({
      key: checkFindings.key,
      severity: checkFindings.severity,
      sentence: checkFindings.sentence,
      details: checkFindings.details,
    })
    .from(checkFindings)
    .where(and(ofSubject, isNull(checkFindings.closedAt)));
  const plan = planFindingChanges(
    before.map(({ key, severity, sentence }) => ({ key, severity, sentence })),
    { found, unseen },
  );
  const open = (keys: readonly string[]) =>
    and(ofSubject, isNull(checkFindings.closedAt), inArray(checkFindings.key, [...keys]));
  // While a finding is open, the time of telling its end keeps when it was told as less than it is.
  const { openedToldAt, closedToldAt } = checkFindings;
  const toldAt = sql`coalesce(${openedToldAt}, ${closedToldAt})`;
  if (plan.close.length > 0)
    await tx
      .update(checkFindings)
      .set({ closedAt: at, openedToldAt: toldAt, closedToldAt: null })
      .where(open(plan.close));
  for (const finding of plan.change) {
    const { key, severity, sentence } = finding;
    const old = before.find((one) => one.key === key);
    await tx
      .update(checkFindings)
      // A warning that has become an error is news, though it was told as one, and whoever snoozed it snoozed less.
      .set({
        severity,
        sentence,
        ...(old !== undefined && isWorse(finding, old)
          ? { openedToldAt: null, closedToldAt: toldAt, snoozedUntil: null }
          : {}),
      })
      .where(open([key]));
  }
  // Figures go on while the sentence stays.
  for (const finding of found) {
    const { key } = finding;
    const details = detailsOf(finding);
    const old = before.find((one) => one.key === key);
    if (old !== undefined && !unseen(key) && !isDeepStrictEqual(old.details, details))
      await tx
        .update(checkFindings)
        .set({ details })
        .where(open([key]));
  }
  const rows = plan.open.map((finding) => ({
    id: newId(at),
    ...subject,
    key: finding.key,
    severity: finding.severity,
    sentence: finding.sentence,
    details: detailsOf(finding),
    openedAt: at,
  }));
  if (rows.length > 0) await insertMany(tx, checkFindings, rows);
  await tx
    .delete(checkFindings)
    .where(and(ofSubject, lt(checkFindings.closedAt, new Date(at.getTime() - closedKeptForMs))));
  return { ...plan, unseen: before.map(({ key }) => key).filter(unseen) };
}

function isBy(by: FindingSource): SQL | undefined {
  if (by !== "check") return like(checkFindings.key, `${prefixes[by]}%`);
  return and(...Object.values(prefixes).map((prefix) => notLike(checkFindings.key, `${prefix}%`)));
}

function isOf(subject: CheckedSubject): SQL | undefined {
  const { organisationId, tenantId, domainId, serverId, zoneId, withdrawnDomain } = subject;
  if (tenantId === null)
    return and(eq(checkFindings.organisationId, organisationId), isNull(checkFindings.tenantId));
  if (domainId !== undefined) return eq(checkFindings.domainId, domainId);
  if (serverId !== undefined) return eq(checkFindings.serverId, serverId);
  if (zoneId !== undefined) return eq(checkFindings.zoneId, zoneId);
  if (withdrawnDomain !== undefined)
    return and(eq(checkFindings.tenantId, tenantId), eq(checkFindings.withdrawnDomain, withdrawnDomain));
  throw new Error("findings are of a domain, a server, a zone or a withdrawal");
}
