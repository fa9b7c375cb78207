import { rolloutExclusions, servers, type Transaction } from "@mailstead/db";
import { asc, sql } from "drizzle-orm";
import { z } from "zod";
import { recordAudits } from "../audit/index.ts";
import {
  parseInput,
  requireRole,
  type ServiceContext,
  ServiceError,
  withTransaction,
} from "../context/index.ts";
import { lineOfText } from "./line-of-text.ts";

const serversMax = 20_000;
const serversInput = z.object({ serverIds: z.array(z.uuid()).min(1).max(serversMax) });
const excludeInput = serversInput.extend({
  reason: lineOfText("a reason", 300),
  /** When they are included again by themselves; null until somebody does that. */
  endsAt: z.date().nullable(),
});

export interface ManyExcluded {
  readonly changed: number;
  /** Were as they are now. */
  readonly unchanged: number;
  /** Were removed since they were chosen. */
  readonly gone: number;
}

/** Leaves many servers out of rollouts that start from now on, all or none. Throws `invalid` for an end that is past. */
export async function excludeServers(
  ctx: ServiceContext,
  input: z.input<typeof excludeInput>,
): Promise<ManyExcluded> {
  requireRole(ctx, "technician");
  const { serverIds, reason, endsAt } = parseInput(excludeInput, input);
  if (endsAt !== null && endsAt <= ctx.now())
    throw new ServiceError("invalid", "This end is past. Choose one to come, or none.", { field: "endsAt" });
  return withTransaction(ctx, async (tx) => {
    const found = await lockServers(tx, serverIds);
    const at = ctx.now().toISOString();
    await tx.execute(sql`insert into ${rolloutExclusions}
        (server_id, organisation_id, tenant_id, reason, ends_at, made_by, made_at)
      select id, organisation_id, tenant_id, ${reason}::text, ${endsAt?.toISOString() ?? null}::timestamptz,
        ${ctx.actor.name}::text, ${at}::timestamptz
      from ${servers} where ${isAnyOf(serverIds)}
      on conflict (server_id) do update set reason = excluded.reason, ends_at = excluded.ends_at,
        made_by = excluded.made_by, made_at = excluded.made_at`);
    await recordAudits(
      tx,
      ctx,
      found.map((server) => ({ ...entryOf(server), action: "exclude-server", after: { reason, endsAt } })),
    );
    return { changed: found.length, unchanged: 0, gone: new Set(serverIds).size - found.length };
  });
}

/** Has rollouts change many servers again, all or none. */
export async function includeServers(
  ctx: ServiceContext,
  input: z.input<typeof serversInput>,
): Promise<ManyExcluded> {
  requireRole(ctx, "technician");
  const { serverIds } = parseInput(serversInput, input);
  return withTransaction(ctx, async (tx) => {
    const found = await lockServers(tx, serverIds);
    const ended = await tx
      .delete(rolloutExclusions)
      .where(sql`${rolloutExclusions.serverId} = any(${sql.param([...serverIds])}::uuid[])`)
      .returning({ serverId: rolloutExclusions.serverId, reason: rolloutExclusions.reason });
    const reasons = new Map(ended.map(({ serverId, reason }) => [serverId, reason]));
    await recordAudits(
      tx,
      ctx,
      found
        .filter(({ id }) => reasons.has(id))
        .map((server) => ({
          ...entryOf(server),
          action: "include-server",
          before: { reason: reasons.get(server.id) },
        })),
    );
    return {
      changed: ended.length,
      unchanged: found.length - ended.length,
      gone: new Set(serverIds).size - found.length,
    };
  });
}

interface LockedServer {
  readonly id: string;
  readonly name: string;
  readonly organisationId: string;
  readonly tenantId: string;
}

/** In one order, so that two who ask for the same wait for each other. */
async function lockServers(tx: Transaction, serverIds: readonly string[]): Promise<LockedServer[]> {
  const { id, name, organisationId, tenantId } = servers;
  const found = await tx
    .select({ id, name, organisationId, tenantId })
    .from(servers)
    .where(isAnyOf(serverIds))
    .orderBy(asc(id))
    .for("no key update");
  if (found.length === 0) throw new ServiceError("not-found", "None of these servers is there any more.");
  return found;
}

function isAnyOf(serverIds: readonly string[]) {
  return sql`${servers.id} = any(${sql.param([...serverIds])}::uuid[])`;
}

function entryOf({ id, name, organisationId, tenantId }: LockedServer) {
  return { organisationId, tenantId, subject: { kind: "server", id, name } };
}
