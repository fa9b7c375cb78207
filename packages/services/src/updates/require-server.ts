import { servers, type Transaction } from "@mailstead/db";
import { eq } from "drizzle-orm";
import { ServiceError } from "../context/index.ts";

/** Throws `not-found` when the context does not see the server. */
export async function requireServer(tx: Transaction, serverId: string): Promise<void> {
  const [known] = await tx.select({ id: servers.id }).from(servers).where(eq(servers.id, serverId));
  if (known === undefined) throw new ServiceError("not-found", "There is no such server.");
}
