import type { SealedSecret } from "@mailstead/core/servers";
import { agents, relaySecrets, type Transaction } from "@mailstead/db";
import { and, eq, notInArray } from "drizzle-orm";
import { type ServiceContext, ServiceError } from "../context/index.ts";
import { openAtRest, sealAtRest, sealForAgent } from "./seal-secret.ts";
import { changeTargetState, type ServerForChange } from "./target-state-store.ts";

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
  const box = sealAtRest(masterKeyOf(ctx), purposeOf(server.id, sendersOf), password);
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

/** Seals all relay passwords again for the server's present agent; true when that changed the target state. */
export async function resealRelays(
  tx: Transaction,
  ctx: ServiceContext,
  server: ServerForChange,
): Promise<boolean> {
  const sealingKey = await sealingKeyOf(tx, server.id);
  const secrets = await tx.select().from(relaySecrets).where(eq(relaySecrets.serverId, server.id));
  const stale = secrets.filter((secret) => secret.sealedFor !== sealingKey);
  if (sealingKey === null || stale.length === 0) return false;
  const sealed = new Map<string, SealedSecret>();
  for (const secret of stale) {
    const password = openAtRest(masterKeyOf(ctx), purposeOf(server.id, secret.sendersOf), secret.box);
    sealed.set(secret.sendersOf, sealForAgent(password, sealingKey));
    await tx
      .update(relaySecrets)
      .set({ sealedFor: sealingKey })
      .where(and(eq(relaySecrets.serverId, server.id), eq(relaySecrets.sendersOf, secret.sendersOf)));
  }
  await changeTargetState(tx, ctx, {
    server,
    summary: "Relay passwords sealed for the new agent",
    change: (state) => ({
      ...state,
      relays: state.relays.map((relay) => {
        const password = sealed.get(relay.sendersOf);
        if (password === undefined || relay.smarthost === null) return relay;
        return { ...relay, smarthost: { ...relay.smarthost, password } };
      }),
    }),
  });
  return true;
}

async function sealingKeyOf(tx: Transaction, serverId: string): Promise<string | null> {
  const [agent] = await tx
    .select({ sealingKey: agents.sealingKey })
    .from(agents)
    .where(eq(agents.serverId, serverId));
  return agent?.sealingKey ?? null;
}

function masterKeyOf(ctx: ServiceContext): Buffer {
  const { masterKey } = ctx.installation;
  if (masterKey === null)
    throw new ServiceError(
      "precondition-failed",
      "No master key is set, so passwords cannot be kept. Set MAILSTEAD_MASTER_KEY and start again.",
    );
  return masterKey;
}

function purposeOf(serverId: string, sendersOf: string): string {
  return `relay\n${serverId}\n${sendersOf}`;
}
