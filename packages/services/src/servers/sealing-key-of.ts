import { agents, type Transaction } from "@mailstead/db";
import { eq } from "drizzle-orm";
import { type ServiceContext, ServiceError } from "../context/index.ts";

/** The key that a server's agent opens secrets with; null before an agent has called. */
export async function sealingKeyOf(tx: Transaction, serverId: string): Promise<string | null> {
  const [agent] = await tx
    .select({ sealingKey: agents.sealingKey })
    .from(agents)
    .where(eq(agents.serverId, serverId));
  return agent?.sealingKey ?? null;
}

/** The key that secrets of hosts rest under. Throws `precondition-failed` in a process that has none. */
export function requireMasterKey({ installation: { masterKey } }: ServiceContext): Buffer {
  if (masterKey === null)
    throw new ServiceError(
      "precondition-failed",
      "No master key is set, so secrets of servers cannot be kept. Set MAILSTEAD_MASTER_KEY and start again.",
    );
  return masterKey;
}
