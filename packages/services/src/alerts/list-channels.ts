import {
  alertAttempts,
  alertChannels,
  alerts,
  organisations,
  type Transaction,
  tenants,
} from "@mailstead/db";
import { desc, eq, inArray, sql } from "drizzle-orm";
import { type ServiceContext, withTransaction } from "../context/index.ts";
import { isLost } from "./lost-alerts.ts";
import { type AlertTopic, alertTopics } from "./manage-channels.ts";
import { attemptsMax } from "./send-alerts.ts";

export interface AlertChannel {
  readonly id: string;
  readonly name: string;
  readonly kind: "mail" | "webhook";
  /** The address of mail, or the host of the webhook. */
  readonly target: string;
  readonly tenantName: string | null;
  readonly leastSeverity: "error" | "warning" | "instruction";
  readonly topic: AlertTopic;
  readonly quietHours: { readonly fromMinute: number; readonly untilMinute: number } | null;
  readonly breaksThrough: "error" | "warning" | "instruction" | null;
  readonly stoppedAt: Date | null;
  readonly stoppedBecause: string | null;
  /** Alerts that were given up and neither tried again nor dismissed. */
  readonly lost: number;
  /** What became of those that somebody had tried again within the last day. */
  readonly retried: { readonly waiting: number; readonly sent: number };
  /** The newest first. */
  readonly log: readonly AlertLogLine[];
}

export interface AlertLogLine {
  readonly id: string;
  readonly createdAt: Date;
  readonly isTest: boolean;
  readonly changes: number;
  readonly state: "waiting" | "sent" | "failed";
  readonly attempts: readonly {
    readonly number: number;
    readonly at: Date;
    readonly outcome: "sent" | "temporary" | "permanent";
    readonly problem: string | null;
    readonly tookMs: number;
  }[];
}

export interface AlertSettings {
  readonly timeZone: string;
  /** False when this installation was given no way to send mail. */
  readonly canSendMail: boolean;
  readonly channels: readonly AlertChannel[];
}

const logLinesMax = 5;
const attemptsShownMax = 12;
const retriedShownMs = 24 * 60 * 60_000;

/** The channels that findings are told through, with what became of their last alerts. Holds no secret. */
export function getAlertSettings(ctx: ServiceContext): Promise<AlertSettings> {
  return withTransaction(ctx, async (tx) => {
    const [organisation] = await tx
      .select({ timeZone: organisations.timeZone })
      .from(organisations)
      .where(eq(organisations.id, ctx.organisationId));
    const rows = await tx
      .select({
        id: alertChannels.id,
        name: alertChannels.name,
        kind: alertChannels.kind,
        target: alertChannels.target,
        tenantName: tenants.name,
        leastSeverity: alertChannels.leastSeverity,
        keyPrefixes: alertChannels.keyPrefixes,
        quietFromMinute: alertChannels.quietFromMinute,
        quietUntilMinute: alertChannels.quietUntilMinute,
        breaksThrough: alertChannels.breaksThrough,
        stoppedAt: alertChannels.stoppedAt,
        stoppedBecause: alertChannels.stoppedBecause,
      })
      .from(alertChannels)
      .leftJoin(tenants, eq(tenants.id, alertChannels.tenantId))
      .orderBy(alertChannels.name);
    const log = await readLog(tx);
    const lost = await countLost(tx, new Date(ctx.now().getTime() - retriedShownMs));
    return {
      timeZone: organisation?.timeZone ?? "UTC",
      canSendMail: ctx.installation.sendsMail,
      channels: rows.map(({ keyPrefixes, quietFromMinute, quietUntilMinute, ...row }) => ({
        ...row,
        topic: topicOf(keyPrefixes),
        quietHours:
          quietFromMinute === null || quietUntilMinute === null
            ? null
            : { fromMinute: quietFromMinute, untilMinute: quietUntilMinute },
        lost: lost.get(row.id)?.lost ?? 0,
        retried: { waiting: lost.get(row.id)?.waiting ?? 0, sent: lost.get(row.id)?.sent ?? 0 },
        log: log.get(row.id) ?? [],
      })),
    };
  });
}

async function countLost(tx: Transaction, sentAfter: Date) {
  // Given up once, and not any more: somebody had it tried again.
  const isRetried = sql`(${alerts.failedAt} is null and exists (select from ${alertAttempts} a where a.alert_id = ${alerts.id}
    and (a.outcome = 'permanent' or a.outcome = 'temporary' and a.number % ${attemptsMax} = 0)))`;
  const rows = await tx
    .select({
      channelId: alerts.channelId,
      lost: sql<number>`(count(*) filter (where ${isLost}))::integer`,
      waiting: sql<number>`(count(*) filter (where ${alerts.sentAt} is null and ${isRetried}))::integer`,
      sent: sql<number>`(count(*) filter (where ${alerts.sentAt} > ${sentAfter}::timestamptz and ${isRetried}))::integer`,
    })
    .from(alerts)
    .groupBy(alerts.channelId);
  return new Map(rows.map(({ channelId, ...counts }) => [channelId, counts]));
}

async function readLog(tx: Transaction): Promise<ReadonlyMap<string, AlertLogLine[]>> {
  const placed = tx
    .select({
      id: alerts.id,
      place:
        sql<number>`row_number() over (partition by ${alerts.channelId} order by ${alerts.createdAt} desc, ${alerts.id})`.as(
          "place",
        ),
    })
    .from(alerts)
    .as("placed");
  const rows = await tx
    .select({
      id: alerts.id,
      channelId: alerts.channelId,
      createdAt: alerts.createdAt,
      body: alerts.body,
      sentAt: alerts.sentAt,
      failedAt: alerts.failedAt,
    })
    .from(alerts)
    .innerJoin(placed, eq(placed.id, alerts.id))
    .where(sql`${placed.place} <= ${logLinesMax}`)
    .orderBy(desc(alerts.createdAt), desc(alerts.id));
  if (rows.length === 0) return new Map();
  const attempts = await tx
    .select({
      alertId: alertAttempts.alertId,
      number: alertAttempts.number,
      at: alertAttempts.at,
      outcome: alertAttempts.outcome,
      problem: alertAttempts.problem,
      tookMs: alertAttempts.tookMs,
    })
    .from(alertAttempts)
    .where(
      inArray(
        alertAttempts.alertId,
        rows.map(({ id }) => id),
      ),
    )
    .orderBy(desc(alertAttempts.number));
  const lines = rows.map(({ id, channelId, createdAt, body, sentAt, failedAt }) => ({
    channelId,
    line: {
      id,
      createdAt,
      isTest: body.type === "test",
      changes: body.total,
      state:
        sentAt !== null ? ("sent" as const) : failedAt !== null ? ("failed" as const) : ("waiting" as const),
      attempts: attempts
        .filter(({ alertId }) => alertId === id)
        .slice(0, attemptsShownMax)
        .map(({ alertId: _id, ...attempt }) => attempt),
    },
  }));
  return new Map(
    [...Map.groupBy(lines, ({ channelId }) => channelId)].map(([id, own]) => [
      id,
      own.map(({ line }) => line),
    ]),
  );
}

/** By the narrowest topic that has them all: a channel that was told of fewer kinds once stays of its topic. */
function topicOf(keyPrefixes: readonly string[]): AlertTopic {
  if (keyPrefixes.length === 0) return "everything";
  const covers = (topic: AlertTopic) =>
    keyPrefixes.every((prefix) => (alertTopics[topic] as readonly string[]).includes(prefix));
  return (["fleet", "deliverability"] as const).find(covers) ?? "everything";
}
