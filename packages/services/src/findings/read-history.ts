import { type ProviderId, providers } from "@mailstead/core/delivery";
import { actionOf } from "@mailstead/core/finding-kinds";
import type { JobState } from "@mailstead/core/jobs";
import {
  alertChannels,
  alerts,
  auditEntries,
  checkFindings,
  jobs,
  measures,
  type Transaction,
} from "@mailstead/db";
import { and, desc, eq, gte, inArray, isNotNull, isNull, or, sql } from "drizzle-orm";
import { holdVerbs } from "../accounts/index.ts";
import type { FindingRow } from "./read-open-rows.ts";

/** Something that became of a finding, or was done about it. */
export interface FindingEvent {
  readonly at: Date;
  readonly what:
    | "opened"
    | "opened-before"
    | "closed"
    | "acknowledged"
    | "withdrawn"
    | "snoozed"
    | "unsnoozed"
    | "sources-settled"
    | "source-unsettled"
    | "told"
    | "not-told"
    | "measure-started"
    | "measure-ended"
    | HoldEvent;
  /** Who did it; null for what happened by itself. */
  readonly who: string | null;
  /** The channel that was told, or the measure that was taken. */
  readonly about: string | null;
}

/** How far the order to hold an account, or to let it go on, has come. */
type HoldEvent =
  | "held"
  | "released"
  | `${"hold" | "release"}-${"asked" | "running" | "failed" | "cancelled"}`;

const earlierMax = 10;
const eventsMax = 40;
const none = { who: null, about: null };

/** What became of a finding and of its earlier times, and what was done about it, the newest first. */
export async function readHistory(tx: Transaction, row: FindingRow): Promise<readonly FindingEvent[]> {
  const times = await readTimes(tx, row);
  const ids = times.map(({ id }) => id);
  const since = times.reduce((first, { openedAt }) => (openedAt < first ? openedAt : first), row.openedAt);
  const events: FindingEvent[] = [
    ...times.map(({ id, openedAt }) => ({
      ...none,
      at: openedAt,
      what: id === row.id ? ("opened" as const) : ("opened-before" as const),
    })),
    ...times.flatMap(({ closedAt }) =>
      closedAt === null ? [] : [{ ...none, at: closedAt, what: "closed" as const }],
    ),
    ...(await readAnswers(tx, ids)),
    ...(await readTold(tx, ids)),
    ...(await readMeasures(tx, row, since)),
    ...(await readHolds(tx, row, since)),
  ];
  return events.sort((one, other) => other.at.getTime() - one.at.getTime()).slice(0, eventsMax);
}

/** The same finding, now and before: those that are gone are kept for 90 days. */
async function readTimes(tx: Transaction, { key, domainId, serverId, zoneId, tenantId }: FindingRow) {
  const same =
    domainId !== null
      ? eq(checkFindings.domainId, domainId)
      : serverId !== null
        ? eq(checkFindings.serverId, serverId)
        : zoneId !== null
          ? eq(checkFindings.zoneId, zoneId)
          : tenantId === null
            ? isNull(checkFindings.tenantId)
            : eq(checkFindings.tenantId, tenantId);
  return tx
    .select({
      id: checkFindings.id,
      openedAt: checkFindings.openedAt,
      closedAt: checkFindings.closedAt,
    })
    .from(checkFindings)
    .where(and(eq(checkFindings.key, key), same))
    .orderBy(desc(checkFindings.openedAt))
    .limit(earlierMax);
}

const answers = {
  "acknowledge-finding": "acknowledged",
  "withdraw-acknowledgement": "withdrawn",
  "snooze-finding": "snoozed",
  "end-snooze": "unsnoozed",
  "settle-sources": "sources-settled",
  "unsettle-source": "source-unsettled",
} as const;

async function readAnswers(tx: Transaction, ids: readonly string[]): Promise<FindingEvent[]> {
  const rows = await tx
    .select({ at: auditEntries.at, action: auditEntries.action, who: auditEntries.actorName })
    .from(auditEntries)
    .where(and(eq(auditEntries.subjectKind, "finding"), inArray(auditEntries.subjectId, [...ids])))
    .orderBy(desc(auditEntries.at))
    .limit(eventsMax);
  return rows.flatMap(({ at, action, who }) => {
    const what = answers[action as keyof typeof answers];
    return what === undefined ? [] : [{ at, what, who, about: null }];
  });
}

/** Alerts that told of it, by the channel that they went through. */
async function readTold(tx: Transaction, ids: readonly string[]): Promise<FindingEvent[]> {
  const tells = ids.map(
    (id) => sql`${alerts.body} @> ${JSON.stringify({ events: [{ findingId: id }] })}::jsonb`,
  );
  const rows = await tx
    .select({ sentAt: alerts.sentAt, failedAt: alerts.failedAt, name: alertChannels.name })
    .from(alerts)
    .innerJoin(alertChannels, eq(alertChannels.id, alerts.channelId))
    .where(and(or(isNotNull(alerts.sentAt), isNotNull(alerts.failedAt)), or(...tells)))
    .orderBy(desc(alerts.createdAt))
    .limit(eventsMax);
  return rows.flatMap(({ sentAt, failedAt, name }): FindingEvent[] => {
    const at = sentAt ?? failedAt;
    return at === null ? [] : [{ at, what: sentAt === null ? "not-told" : "told", who: null, about: name }];
  });
}

/** Measures about the same receiver on its server. */
async function readMeasures(
  tx: Transaction,
  { key, serverId, details }: FindingRow,
  since: Date,
): Promise<FindingEvent[]> {
  const about = details?.provider ?? (key.split(" ").at(-1) as ProviderId);
  if (serverId === null || !Object.hasOwn(providers, about)) return [];
  const rows = await tx
    .select()
    .from(measures)
    .where(and(eq(measures.serverId, serverId), eq(measures.provider, about), gte(measures.startedAt, since)))
    .orderBy(desc(measures.startedAt))
    .limit(earlierMax);
  return rows.flatMap(({ kind, startedAt, startedBy, isAutomatic, endedAt }): FindingEvent[] => [
    { at: startedAt, what: "measure-started", who: isAutomatic ? null : startedBy, about: kind },
    ...(endedAt === null ? [] : [{ at: endedAt, what: "measure-ended" as const, who: null, about: kind }]),
  ]);
}

/** What people told the server to do with the account that it is about, each by how far the server has come with it. */
async function readHolds(
  tx: Transaction,
  { key, serverId }: FindingRow,
  since: Date,
): Promise<FindingEvent[]> {
  const action = actionOf(key);
  if (serverId === null || action === null || !("address" in action)) return [];
  const rows = await tx
    .select({
      at: auditEntries.at,
      action: auditEntries.action,
      who: auditEntries.actorName,
      state: jobs.state,
      startedAt: jobs.startedAt,
      endedAt: jobs.endedAt,
    })
    .from(auditEntries)
    .leftJoin(jobs, sql`${jobs.id}::text = ${auditEntries.after} ->> 'jobId'`)
    .where(
      and(
        eq(auditEntries.subjectId, serverId),
        inArray(auditEntries.action, [...holdVerbs]),
        gte(auditEntries.at, since),
        sql`${auditEntries.after} ->> 'address' = ${action.address}`,
      ),
    )
    .orderBy(desc(auditEntries.at))
    .limit(earlierMax);
  return rows.map(({ at, action: verb, who, state, startedAt, endedAt }) => ({
    at: endedAt ?? (state === "running" ? startedAt : null) ?? at,
    what: holdEventOf(verb === "hold-account" ? "hold" : "release", state),
    who,
    about: null,
  }));
}

/** Of a job that is kept no more, or of which nothing is heard, it is known only that it was asked for. */
function holdEventOf(verb: "hold" | "release", state: JobState | null): HoldEvent {
  switch (state) {
    case "succeeded":
      return verb === "hold" ? "held" : "released";
    case "failed":
    case "timed-out":
      return `${verb}-failed`;
    case "running":
    case "cancelled":
      return `${verb}-${state}`;
    default:
      return `${verb}-asked`;
  }
}
