import { type SealedSecret, sealedSecretSchema } from "@mailstead/core/servers";
import { relaySecrets, type Transaction } from "@mailstead/db";
import { and, eq, like, ne, not, notInArray } from "drizzle-orm";
import { z } from "zod";
import { type ServiceContext, ServiceError } from "../context/index.ts";
import { openAtRest, sealAtRest, sealForAgent } from "./seal-secret.ts";
import { requireMasterKey, sealingKeyOf } from "./sealing-key-of.ts";
import type { ServerForChange } from "./server-for-change.ts";

/** A password that is sealed twice: under the master key for rest, and for the agent that had this key when it was typed. */
export const sealedPasswordSchema = z.object({
  box: z.string(),
  sealed: sealedSecretSchema,
  sealedFor: z.string(),
});
export type SealedPassword = z.output<typeof sealedPasswordSchema>;

export interface RelayPassword {
  server: ServerForChange;
  /** Whose mail, or whose receivers. */
  purpose: string;
  /** As it was typed, or as it was sealed when it was. */
  password: string | SealedPassword;
}

/**
 * Seals a relay password for rest and for the server's agent; one that was sealed for an agent which is no more is sealed
 * again. Throws `precondition-failed` before the agent has called, and when that needs a master key and there is none.
 */
export async function sealRelayPassword(
  tx: Transaction,
  ctx: ServiceContext,
  { server, purpose, password }: RelayPassword,
): Promise<SealedPassword> {
  const sealedFor = await sealingKeyOf(tx, server.id);
  if (sealedFor === null)
    throw new ServiceError(
      "precondition-failed",
      `A password can be set once the agent of ${server.name} has called, because it is sealed for that agent alone.`,
    );
  const atRest = purposeOf(server.id, purpose);
  if (typeof password === "string") {
    const box = sealAtRest(requireMasterKey(ctx), atRest, password);
    return { box, sealed: sealForAgent(password, sealedFor), sealedFor };
  }
  if (password.sealedFor === sealedFor) return password;
  const { masterKey } = ctx.installation;
  if (masterKey === null)
    throw new ServiceError(
      "precondition-failed",
      `${server.name} has a new agent, which cannot read the password that was saved before; test it again.`,
    );
  const opened = openAtRest(masterKey, atRest, password.box);
  return { box: password.box, sealed: sealForAgent(opened, sealedFor), sealedFor };
}

/** Keeps a relay password and returns it sealed for the server's agent. Throws what sealing it throws. */
export async function keepRelayPassword(
  tx: Transaction,
  ctx: ServiceContext,
  kept: RelayPassword,
): Promise<SealedSecret> {
  const { server, purpose: sendersOf } = kept;
  const { box, sealed, sealedFor } = await sealRelayPassword(tx, ctx, kept);
  const { organisationId, tenantId } = server;
  const createdAt = ctx.now();
  await tx
    .insert(relaySecrets)
    .values({ serverId: server.id, sendersOf, organisationId, tenantId, box, sealedFor, createdAt })
    .onConflictDoUpdate({
      target: [relaySecrets.serverId, relaySecrets.sendersOf],
      set: { box, sealedFor, createdAt },
    });
  return sealed;
}

const receiverPrefix = "to:";

/** Under which purpose the password of a receiver's smarthost is kept; no sender's domain or address begins so. */
export function receiverPurpose(to: string): string {
  return `${receiverPrefix}${to}`;
}

/** Drops the passwords of relays that are no more, of those for senders or of those for receivers. */
export async function forgetPasswordsExcept(
  tx: Transaction,
  { server, purposes, of }: { server: ServerForChange; purposes: string[]; of: "senders" | "receivers" },
): Promise<void> {
  const { serverId, sendersOf } = relaySecrets;
  const ofReceiver = like(sendersOf, `${receiverPrefix}%`);
  await tx
    .delete(relaySecrets)
    .where(
      and(
        eq(serverId, server.id),
        of === "receivers" ? ofReceiver : not(ofReceiver),
        notInArray(sendersOf, purposes),
      ),
    );
}

/**
 * Seals the passwords again that were sealed for an agent which is no more, by the purpose they are kept under. None without
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
