import { agents, type Transaction } from "@mailstead/db";
import { and, eq, inArray, isNull } from "drizzle-orm";

/** The connection that an agent speaks through, told from all its others by its counter. */
export interface AgentConnection {
  readonly agentId: string;
  readonly sessionCounter: number;
}

/** A connection spoke, or asked, that is not its agent's any more; nothing was stored or served. */
export class ConnectionOverError extends Error {
  override name = "ConnectionOverError";
}

/**
 * Throws ConnectionOverError when the agent has connected anew since, is locked out, was replaced by an enrolment, or
 * its server was removed. The gateway that holds the connection may not have heard of it yet.
 */
export async function requireCurrentConnection(
  tx: Transaction,
  { agentId, sessionCounter }: AgentConnection,
): Promise<void> {
  const [current] = await tx
    .select({ id: agents.id })
    .from(agents)
    .where(
      and(eq(agents.id, agentId), eq(agents.sessionCounter, sessionCounter), isNull(agents.quarantinedAt)),
    );
  if (current === undefined) throw new ConnectionOverError(connectionOver);
}

export const connectionOver = "This connection is not its agent's any more.";

/** Which of several connections still count, as `requireCurrentConnection` has it of one. */
export async function readCurrentConnections(
  tx: Transaction,
  connections: readonly AgentConnection[],
): Promise<(connection: AgentConnection) => boolean> {
  if (connections.length === 0) return () => true;
  const current = await tx
    .select({ agentId: agents.id, sessionCounter: agents.sessionCounter })
    .from(agents)
    .where(
      and(
        inArray(
          agents.id,
          connections.map(({ agentId }) => agentId),
        ),
        isNull(agents.quarantinedAt),
      ),
    );
  const counters = new Map(current.map(({ agentId, sessionCounter }) => [agentId, sessionCounter]));
  return ({ agentId, sessionCounter }) => counters.get(agentId) === sessionCounter;
}
