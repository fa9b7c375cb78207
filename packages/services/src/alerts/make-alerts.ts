import {
  type Alert,
  type AlertEvent,
  type AlertedFinding,
  closesAfterMs,
  eventsMax,
  planAlert,
} from "@mailstead/core/alerts";
import { runbookOf, runbookPath } from "@mailstead/core/finding-kinds";
import {
  alertChannels,
  alerts,
  checkFindings,
  domains,
  insertMany,
  newId,
  organisations,
  servers,
  type Transaction,
  tenants,
  toldFindings,
  zones,
} from "@mailstead/db";
import { and, desc, eq, gte, isNull, or, sql } from "drizzle-orm";
import { z } from "zod";
import { findingSubject } from "../checks/index.ts";
import {
  type Database,
  type Installation,
  parseInput,
  requireRole,
  type ServiceContext,
  ServiceError,
  type SystemContext,
  seeToEach,
  withSystemTransaction,
  withTransaction,
} from "../context/index.ts";
import { findChannel } from "./manage-channels.ts";

/**
 * Writes what each channel is to be told now, in one transaction with the note that it was told: a worker that dies before
 * leaves both undone, and of two workers one waits for the other. Gives the channels in which that failed.
 */
export async function makeAlerts(
  ctx: SystemContext,
  { app, installation }: { app: Database; installation: Installation },
): Promise<{ channelId: string; cause: unknown }[]> {
  const rows = await withSystemTransaction(ctx, (tx) =>
    tx
      .select({ channelId: alertChannels.id, organisationId: alertChannels.organisationId })
      .from(alertChannels)
      .where(isNull(alertChannels.stoppedAt)),
  );
  const failed = await seeToEach(ctx, { rows, app, installation }, async (own, { channelId }) => {
    await withTransaction(own, (tx) => tellChannel(tx, own, channelId));
    return undefined;
  });
  return failed.map(({ row: { channelId }, cause }) => ({ channelId, cause }));
}

type Channel = Awaited<ReturnType<typeof findChannel>>;

async function tellChannel(tx: Transaction, ctx: ServiceContext, channelId: string): Promise<void> {
  const now = ctx.now();
  const channel = await findChannel(tx, channelId);
  if (channel.stoppedAt !== null) return;
  const told = await tx.select().from(toldFindings).where(eq(toldFindings.channelId, channelId));
  const { name, timeZone } = await readOrganisation(tx, ctx.organisationId);
  const findings = await readFindings(tx, channel, now);
  const plan = planAlert({ findings, told }, wishOf(channel, timeZone), now);
  const news = [...plan.opened, ...plan.worse];
  const closed = told.filter((one) => plan.closed.includes(one));
  if (news.length + closed.length === 0) return;
  for (const one of closed)
    await tx
      .delete(toldFindings)
      .where(
        and(
          eq(toldFindings.channelId, channelId),
          eq(toldFindings.subject, one.subject),
          eq(toldFindings.key, one.key),
        ),
      );
  const { organisationId } = ctx;
  const rows = news.map(
    ({ id, path, subject, key, severity, sentence, subjectName, tenantName, tenantId }) => ({
      channelId,
      findingId: id,
      path,
      organisationId,
      tenantId: channel.tenantId ?? tenantId,
      subject,
      key,
      severity,
      sentence,
      subjectName,
      tenantName,
      toldAt: now,
    }),
  );
  for (const row of rows)
    await tx
      .insert(toldFindings)
      .values(row)
      .onConflictDoUpdate({
        target: [toldFindings.channelId, toldFindings.subject, toldFindings.key],
        set: {
          severity: row.severity,
          sentence: row.sentence,
          findingId: row.findingId,
          path: row.path,
          toldAt: now,
        },
      });
  const home = ctx.installation.publicUrl;
  const events: AlertEvent[] = [
    ...news.map((one) => ({
      what: plan.opened.includes(one) ? ("opened" as const) : ("worse" as const),
      findingId: one.id,
      key: one.key,
      severity: one.severity,
      sentence: one.sentence,
      subject: one.subjectName,
      tenantName: one.tenantName,
      url: `${home}${one.path}`,
      runbookUrl: `${home}${runbookPath(one.runbook)}`,
    })),
    ...closed.map((one) => ({
      what: "closed" as const,
      findingId: one.findingId,
      key: one.key,
      severity: one.severity,
      sentence: one.sentence,
      subject: one.subjectName,
      tenantName: one.tenantName,
      url: `${home}${one.path ?? ""}`,
    })),
  ];
  await writeAlert(tx, channel, {
    type: "findings.changed",
    organisation: name,
    at: now.toISOString(),
    events: events.slice(0, eventsMax),
    total: events.length,
  });
}

async function writeAlert(tx: Transaction, channel: Channel, body: Alert): Promise<void> {
  const at = new Date(body.at);
  const { id: channelId, organisationId, tenantId } = channel;
  await insertMany(tx, alerts, [
    { id: newId(at), organisationId, tenantId, channelId, body, createdAt: at, dueAt: at },
  ]);
}

const testInput = z.object({ channelId: z.uuid() });

/** Has the worker send a test through a channel; its log says what became of it. Throws `not-found`. */
export function testAlertChannel(ctx: ServiceContext, input: z.input<typeof testInput>): Promise<void> {
  requireRole(ctx, "technician");
  const { channelId } = parseInput(testInput, input);
  return withTransaction(ctx, async (tx) => {
    const channel = await findChannel(tx, channelId);
    if (channel.stoppedAt !== null)
      throw new ServiceError("precondition-failed", "This channel is stopped. Start it, then send a test.");
    const { name } = await readOrganisation(tx, ctx.organisationId);
    await writeAlert(tx, channel, {
      type: "test",
      organisation: name,
      at: ctx.now().toISOString(),
      events: [],
      total: 0,
    });
  });
}

async function readOrganisation(tx: Transaction, id: string): Promise<{ name: string; timeZone: string }> {
  const [row] = await tx
    .select({ name: organisations.name, timeZone: organisations.timeZone })
    .from(organisations)
    .where(eq(organisations.id, id));
  return row ?? { name: "", timeZone: "UTC" };
}

function wishOf(channel: Channel, timeZone: string) {
  const { leastSeverity, keyPrefixes, breaksThrough, quietFromMinute, quietUntilMinute } = channel;
  return {
    leastSeverity,
    keyPrefixes,
    breaksThrough,
    quietHours:
      quietFromMinute === null || quietUntilMinute === null
        ? null
        : { fromMinute: quietFromMinute, untilMinute: quietUntilMinute, timeZone },
  };
}

interface ReadFinding extends AlertedFinding {
  readonly id: string;
  readonly tenantId: string | null;
  readonly sentence: string;
  readonly subjectName: string;
  readonly tenantName: string | null;
  readonly path: string;
  readonly runbook: string;
}

/** What is open, and what closed so lately that it may come back as the same. */
async function readFindings(tx: Transaction, channel: Channel, now: Date): Promise<readonly ReadFinding[]> {
  const rows = await tx
    .select({
      id: checkFindings.id,
      tenantId: checkFindings.tenantId,
      tenantName: tenants.name,
      domainId: checkFindings.domainId,
      domainName: domains.name,
      serverId: checkFindings.serverId,
      serverName: servers.name,
      zoneId: checkFindings.zoneId,
      zoneName: zones.name,
      withdrawnDomain: checkFindings.withdrawnDomain,
      key: checkFindings.key,
      severity: checkFindings.severity,
      sentence: checkFindings.sentence,
      openedAt: checkFindings.openedAt,
      closedAt: checkFindings.closedAt,
      partOf: checkFindings.partOf,
      acknowledgedAt: checkFindings.acknowledgedAt,
      snoozedUntil: checkFindings.snoozedUntil,
      runbook: sql<string | null>`${checkFindings.details} ->> 'runbook'`,
    })
    .from(checkFindings)
    .leftJoin(tenants, eq(tenants.id, checkFindings.tenantId))
    .leftJoin(domains, eq(domains.id, checkFindings.domainId))
    .leftJoin(servers, eq(servers.id, checkFindings.serverId))
    .leftJoin(zones, eq(zones.id, checkFindings.zoneId))
    .where(
      and(
        channel.tenantId === null ? undefined : eq(checkFindings.tenantId, channel.tenantId),
        or(
          isNull(checkFindings.closedAt),
          gte(checkFindings.closedAt, new Date(now.getTime() - closesAfterMs)),
        ),
      ),
    )
    .orderBy(desc(checkFindings.openedAt));
  return rows.map((row) => {
    const subject = findingSubject(row);
    return {
      ...row,
      subject: subject.kind === "organisation" ? "organisation" : `${subject.kind} ${subject.id}`,
      subjectName: subject.name,
      isAcknowledged: row.acknowledgedAt !== null,
      // A channel of one customer hears nothing of an event of many, and so of the finding itself.
      isFolded: row.partOf !== null && channel.tenantId === null,
      path: `/findings/${row.id}`,
      runbook: row.runbook ?? runbookOf(row.key),
    };
  });
}
