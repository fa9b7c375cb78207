import type { SealedSecret } from "@mailstead/core/servers";
import { relaySecrets, type Transaction } from "@mailstead/db";
import { and, eq, ne, notInArray } from "drizzle-orm";
import { type ServiceContext, ServiceError } from "../context/index.ts";
import { openAtRest, sealAtRest, sealForAgent } from "./seal-secret.ts";
import { requireMasterKey, sealingKeyOf } from "./sealing-key-of.ts";
import type { ServerForChange } from "./server-for-change.ts";

/**
 * Keeps a relay password under the master key and returns it sealed for the server's agent. Throws
 * `precondition-failed` before the agent has called and when there is no master key.
 */
export async function keepRelayPassword(
  tx: Transaction,
  ctx: ServiceContext,
  kept: { server: ServerForChange; sendersOf: string; password: string },
): Promise<SealedSecret> {
  const { server, sendersOf, password } = kept;
  const sealedFor = await sealingKeyOf(tx, server.id);
  if (sealedFor === null)
    throw new ServiceError(
      "precondition-failed",
      `A password can be set once the agent of ${server.name} has called, because it is sealed for that agent alone.`,
    );
  const box = sealAtRest(requireMasterKey(ctx), purposeOf(server.id, sendersOf), password);
  const { organisationId, tenantId } = server;
  const createdAt = ctx.now();
  await tx
    .insert(relaySecrets)
    .values({ serverId: server.id, sendersOf, organisationId, tenantId, box, sealedFor, createdAt })
    .onConflictDoUpdate({
      target: [relaySecrets.serverId, relaySecrets.sendersOf],
      set: { box, sealedFor, createdAt },
    });
  return sealForAgent(password, sealedFor);
}

/** Drops the passwords of relays that are no more. */
export async function forgetPasswordsExcept(
  tx: Transaction,
  { server, sendersOf }: { server: ServerForChange; sendersOf: string[] },
): Promise<void> {
  await tx
    .delete(relaySecrets)
    .where(and(eq(relaySecrets.serverId, server.id), notInArray(relaySecrets.sendersOf, sendersOf)));
}

/**
 * Seals the passwords again that were sealed for an agent which is no more, by what senders they are for. None without
 * an agent, and none in a process without the master key.
 */
export async function resealStalePasswords(
  tx: Transaction,
  ctx: ServiceContext,
  server: { id: string },
): Promise<ReadonlyMap<string, SealedSecret>> {
  const sealed = new Map<string, SealedSecret>();
  const { masterKey } = ctx.installation;
  const sealingKey = await sealingKeyOf(tx, server.id);
  if (sealingKey === null || masterKey === null) return sealed;
  const stale = await tx
    .select({ sendersOf: relaySecrets.sendersOf, box: relaySecrets.box })
    .from(relaySecrets)
    .where(and(eq(relaySecrets.serverId, server.id), ne(relaySecrets.sealedFor, sealingKey)));
  for (const { sendersOf, box } of stale)
    sealed.set(
      sendersOf,
      sealForAgent(openAtRest(masterKey, purposeOf(server.id, sendersOf), box), sealingKey),
    );
  if (stale.length > 0)
    await tx.update(relaySecrets).set({ sealedFor: sealingKey }).where(eq(relaySecrets.serverId, server.id));
  return sealed;
}

function purposeOf(serverId: string, sendersOf: string): string {
  return `relay\n${serverId}\n${sendersOf}`;
}
