import { servers, standIns, type Transaction } from "@mailstead/db";
import { and, asc, eq, ne, sql } from "drizzle-orm";
import { z } from "zod";
import { recordAudit } from "../audit/index.ts";
import { parseInput, requireRole, type ServiceContext, withTransaction } from "../context/index.ts";
import { lineOfText } from "./line-of-text.ts";
import { lockServer } from "./lock-server.ts";

const standInsInput = z.object({
  serverId: z.uuid(),
  /** What they are called together; null takes the server out of its group. */
  groupName: lineOfText("a name", 60).nullable(),
});

/**
 * Says that a server and the others of its customer in a group take over for each other, so that rollouts never change two of
 * them at once. Holds for rollouts that run already. Throws `not-found`.
 */
export function setStandIns(ctx: ServiceContext, input: z.input<typeof standInsInput>): Promise<void> {
  requireRole(ctx, "technician");
  const { serverId, groupName } = parseInput(standInsInput, input);
  return withTransaction(ctx, async (tx) => {
    const { organisationId, tenantId, name } = await lockServer(tx, serverId);
    const before = await readGroupOf(tx, serverId);
    const after = groupName === null ? null : await spellingOf(tx, { serverId, tenantId, groupName });
    if (before === after) return;
    if (after === null) await tx.delete(standIns).where(eq(standIns.serverId, serverId));
    else {
      const named = { groupName: after, namedBy: ctx.actor.name, namedAt: ctx.now() };
      await tx
        .insert(standIns)
        .values({ serverId, organisationId, tenantId, ...named })
        .onConflictDoUpdate({ target: standIns.serverId, set: named });
    }
    await recordAudit(tx, ctx, {
      organisationId,
      tenantId,
      action: "set-stand-ins",
      subject: { kind: "server", id: serverId, name },
      before: { groupName: before },
      after: { groupName: after },
    });
  });
}

/** Two spellings of one name would be two groups, and both servers changed at once. */
async function spellingOf(
  tx: Transaction,
  { serverId, tenantId, groupName }: { serverId: string; tenantId: string; groupName: string },
): Promise<string> {
  const [known] = await tx
    .select({ groupName: standIns.groupName })
    .from(standIns)
    .where(
      and(
        eq(standIns.tenantId, tenantId),
        ne(standIns.serverId, serverId),
        eq(sql`lower(${standIns.groupName})`, sql`lower(${groupName})`),
      ),
    )
    .limit(1);
  return known?.groupName ?? groupName;
}

/** A server's group of stand-ins, and which groups its customer has. */
export interface StandInsView {
  readonly groupName: string | null;
  readonly others: readonly { readonly id: string; readonly name: string }[];
  readonly groupNames: readonly string[];
}

export async function readStandIns(
  tx: Transaction,
  { serverId, tenantId }: { serverId: string; tenantId: string },
): Promise<StandInsView> {
  const rows = await tx
    .select({ id: servers.id, name: servers.name, groupName: standIns.groupName })
    .from(standIns)
    .innerJoin(servers, eq(servers.id, standIns.serverId))
    .where(eq(standIns.tenantId, tenantId))
    .orderBy(asc(standIns.groupName), asc(servers.name));
  const groupName = rows.find(({ id }) => id === serverId)?.groupName ?? null;
  return {
    groupName,
    others: rows.flatMap(({ id, name, ...row }) =>
      row.groupName === groupName && id !== serverId ? { id, name } : [],
    ),
    groupNames: [...new Set(rows.map((row) => row.groupName))],
  };
}

async function readGroupOf(tx: Transaction, serverId: string): Promise<string | null> {
  const [row] = await tx
    .select({ groupName: standIns.groupName })
    .from(standIns)
    .where(eq(standIns.serverId, serverId));
  return row?.groupName ?? null;
}
