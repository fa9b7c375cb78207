import {
  findingOfOwnSpam,
  judgeOwnSpam,
  ownSpamKeyOf,
  ownSpamSpans,
  spamScore,
  verdictFindingPrefix,
} from "@mailstead/core/verdicts";
import { checkFindings, servers, type Transaction, telemetryStreams, verdictHours } from "@mailstead/db";
import { and, eq, isNull, like, sql } from "drizzle-orm";
import { recordFindings } from "../checks/index.ts";
import {
  type Database,
  type Installation,
  type ServiceContext,
  type SystemContext,
  seeToEach,
  withSystemTransaction,
  withTransaction,
} from "../context/index.ts";
import { readVerdicts } from "./read-verdicts.ts";

/** An hour of now may begin a little after now, where a host's clock is ahead. */
const aheadMs = 3_600_000;

/**
 * Keeps among the findings of each server of which of its domains it holds an unusual part of the mail to be spam.
 * Idempotent, and safe beside itself. Gives the organisations in which it failed.
 */
export async function recordVerdictFindings(
  ctx: SystemContext,
  { app, installation }: { app: Database; installation: Installation },
): Promise<{ organisationId: string; cause: unknown }[]> {
  const rows = await withSystemTransaction(ctx, (tx) =>
    tx
      .selectDistinct({ organisationId: telemetryStreams.organisationId })
      .from(telemetryStreams)
      .where(eq(telemetryStreams.stream, "verdicts")),
  );
  const failed = await seeToEach(ctx, { rows, app, installation }, async (own) => {
    const serverIds = await withTransaction(own, (tx) => findJudged(tx, own.now()));
    for (const serverId of serverIds) await recordOf(own, serverId);
    return undefined;
  });
  return failed.map(({ row: { organisationId }, cause }) => ({ organisationId, cause }));
}

/** Servers that held something of their own to be spam lately, and those of which a finding is open. */
async function findJudged(tx: Transaction, now: Date): Promise<string[]> {
  const from = new Date(now.getTime() - ownSpamSpans.waitsMs);
  const { rows } = await tx.execute<{ id: string }>(sql`select server_id as id from ${verdictHours}
      where starts_at >= ${from.toISOString()}::timestamptz and direction = 'outbound' and domain <> ''
        and (action in ('marked', 'rejected', 'discarded')
          or exists (select 1 from jsonb_object_keys(scores) as point where point::integer >= ${spamScore}))
    union
    select server_id from check_findings
      where closed_at is null and server_id is not null and key like ${`${verdictFindingPrefix}%`}`);
  return rows.map(({ id }) => id);
}

function recordOf(ctx: ServiceContext, serverId: string): Promise<void> {
  const at = ctx.now();
  const now = at.getTime();
  return withTransaction(ctx, async (tx) => {
    const [server] = await tx
      .select({ name: servers.name, tenantId: servers.tenantId, organisationId: servers.organisationId })
      .from(servers)
      .where(eq(servers.id, serverId))
      .for("update");
    if (server === undefined) return;
    const open = await readOpenKeys(tx, serverId);
    const [hours, days] = [
      await readOwn(tx, { serverId, from: now - ownSpamSpans.waitsMs, until: now + aheadMs, by: "hours" }),
      await readOwn(tx, { serverId, from: now - ownSpamSpans.usualMs, until: now, by: "days" }),
    ];
    const found = [...Map.groupBy(hours, ({ domain }) => domain)].flatMap(([domain, verdicts]) => {
      const key = ownSpamKeyOf(domain);
      const before = days.filter((one) => one.domain === domain);
      const spam = judgeOwnSpam({ hours: verdicts, days: before }, { isOpen: open.has(key), now });
      return spam === null
        ? []
        : [{ key, ...findingOfOwnSpam(spam, { domain, server: server.name, verdicts }) }];
    });
    const { organisationId, tenantId } = server;
    await recordFindings(
      tx,
      { organisationId, tenantId, serverId },
      { found, unseen: () => false, at, by: "verdicts" },
    );
  });
}

/** Of mail that leaves in the name of the server's own domains; what only passes through it is not theirs. */
async function readOwn(
  tx: Transaction,
  { serverId, from, until, by }: { serverId: string; from: number; until: number; by: "hours" | "days" },
) {
  const all = await readVerdicts(tx, { serverId, from: new Date(from), until: new Date(until), by });
  return all.filter(({ direction, domain }) => direction === "outbound" && domain !== "");
}

async function readOpenKeys(tx: Transaction, serverId: string): Promise<ReadonlySet<string>> {
  const rows = await tx
    .select({ key: checkFindings.key })
    .from(checkFindings)
    .where(
      and(
        eq(checkFindings.serverId, serverId),
        isNull(checkFindings.closedAt),
        like(checkFindings.key, `${verdictFindingPrefix}%`),
      ),
    );
  return new Set(rows.map(({ key }) => key));
}
