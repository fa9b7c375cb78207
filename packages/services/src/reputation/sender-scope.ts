import { type ProviderId, providers } from "@mailstead/core/delivery";
import { domains, reputationDays, servers, type Transaction } from "@mailstead/db";
import { and, eq, isNotNull, type SQL } from "drizzle-orm";
import { z } from "zod";
import { ServiceError } from "../context/index.ts";

/** Whose mail is meant: one server's, one domain's, or that of all servers, perhaps of one customer. */
export const senderScope = {
  serverId: z.uuid().optional(),
  domainId: z.uuid().optional(),
  tenantId: z.uuid().optional(),
};
export type SenderScope = z.infer<z.ZodObject<typeof senderScope>>;

/** One of the addresses that a server sends from. */
export const sendingAddress = z.union([z.ipv4(), z.ipv6()], {
  error: "An address is written like 192.0.2.1 or 2001:db8::25.",
});

/** A receiver; `other` for all those that no other domain shares. */
export const receiver = z.enum([...(Object.keys(providers) as [ProviderId, ...ProviderId[]]), "other"]);

/** A receiver as rows name it. */
export function storedProvider(chosen: z.infer<typeof receiver>): string {
  return chosen === "other" ? "" : chosen;
}

/** The kept days of those senders. Throws `not-found` where the server or the domain is none that may be seen. */
export async function daysOfScope(
  tx: Transaction,
  { serverId, domainId, tenantId }: SenderScope,
): Promise<SQL | undefined> {
  if (serverId !== undefined) {
    const [server] = await tx.select({ id: servers.id }).from(servers).where(eq(servers.id, serverId));
    if (server === undefined) throw new ServiceError("not-found", "There is no such server.");
    return eq(reputationDays.serverId, serverId);
  }
  if (domainId !== undefined) {
    const [domain] = await tx.select({ id: domains.id }).from(domains).where(eq(domains.id, domainId));
    if (domain === undefined) throw new ServiceError("not-found", "There is no such domain.");
    return eq(reputationDays.domainId, domainId);
  }
  return and(
    isNotNull(reputationDays.serverId),
    tenantId === undefined ? undefined : eq(reputationDays.tenantId, tenantId),
  );
}
