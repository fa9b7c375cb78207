import { agents, servers } from "@mailstead/db";
import { and, eq } from "drizzle-orm";
import { type SystemContext, withSystemTransaction } from "../context/index.ts";
import { loseContact } from "../jobs/index.ts";
import type { AgentSession } from "./open-agent-session.ts";

/**
 * Notes that a connection is over and what that means for the server's jobs. Changes nothing once a newer connection
 * of the agent has taken its place. Returns the jobs whose state changed.
 */
export function closeAgentSession(
  ctx: SystemContext,
  { session, gatewayId }: { session: AgentSession; gatewayId: string },
): Promise<{ wasCurrent: boolean; changedJobIds: readonly string[] }> {
  return withSystemTransaction(ctx, async (tx) => {
    // In the order in which a session is opened, so that the two cannot wait for each other.
    const [agent] = await tx
      .select({ sessionCounter: agents.sessionCounter })
      .from(agents)
      .where(eq(agents.id, session.agentId))
      .for("update");
    const closed =
      agent?.sessionCounter === session.sessionCounter
        ? await tx
            .update(servers)
            .set({ gatewayId: null, lastSeenAt: ctx.now() })
            .where(and(eq(servers.id, session.serverId), eq(servers.gatewayId, gatewayId)))
            .returning({ id: servers.id })
        : [];
    if (closed.length === 0) return { wasCurrent: false, changedJobIds: [] };
    return { wasCurrent: true, changedJobIds: await loseContact(tx, { serverIds: [session.serverId] }) };
  });
}
