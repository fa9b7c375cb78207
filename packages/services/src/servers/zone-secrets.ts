import { randomBytes } from "node:crypto";
import type { SealedSecret, TargetState } from "@mailstead/core/servers";
import { type Transaction, zoneSecrets, zoneServers, zones } from "@mailstead/db";
import { and, eq, ne } from "drizzle-orm";
import { type ServiceContext, ServiceError } from "../context/index.ts";
import { openAtRest, sealAtRest, sealForAgent } from "./seal-secret.ts";
import { requireMasterKey, sealingKeyOf } from "./sealing-key-of.ts";

// HMAC-SHA-256 gains nothing from a longer key (RFC 2104 §3).
const secretBytes = 32;

/** A server that shall know a zone's transfer secret. */
export interface ZoneKeeper {
  id: string;
  name: string;
}

/**
 * Makes the secret with which the two servers of a zone prove themselves to each other, keeps it under the master key,
 * and returns it sealed for each server's agent. Throws `precondition-failed` before an agent has called and when there
 * is no master key.
 */
export async function makeTransferSecret(
  tx: Transaction,
  ctx: ServiceContext,
  zone: { id: string; organisationId: string; tenantId: string; keepers: readonly ZoneKeeper[] },
): Promise<ReadonlyMap<string, { secret: SealedSecret; sealedFor: string }>> {
  const masterKey = requireMasterKey(ctx);
  const secret = randomBytes(secretBytes).toString("base64");
  const { id: zoneId, organisationId, tenantId } = zone;
  const box = sealAtRest(masterKey, purposeOf(zoneId), secret);
  await tx.insert(zoneSecrets).values({ zoneId, organisationId, tenantId, box });
  const sealed = new Map<string, { secret: SealedSecret; sealedFor: string }>();
  for (const keeper of zone.keepers) sealed.set(keeper.id, await sealFor(tx, keeper, secret));
  return sealed;
}

/** A zone's transfer secret for one server more. Throws `precondition-failed` before its agent has called. */
export async function sealTransferSecret(
  tx: Transaction,
  ctx: ServiceContext,
  { zoneId, keeper }: { zoneId: string; keeper: ZoneKeeper },
): Promise<{ secret: SealedSecret; sealedFor: string }> {
  const masterKey = requireMasterKey(ctx);
  const [row] = await tx
    .select({ box: zoneSecrets.box })
    .from(zoneSecrets)
    .where(eq(zoneSecrets.zoneId, zoneId));
  if (row === undefined) throw new Error(`zone ${zoneId} has no transfer secret`);
  return sealFor(tx, keeper, openAtRest(masterKey, purposeOf(zoneId), row.box));
}

async function sealFor(
  tx: Transaction,
  keeper: ZoneKeeper,
  secret: string,
): Promise<{ secret: SealedSecret; sealedFor: string }> {
  const sealedFor = await sealingKeyOf(tx, keeper.id);
  if (sealedFor === null)
    throw new ServiceError(
      "precondition-failed",
      `A zone can be hosted on ${keeper.name} once its agent has called, because the zone's secret is sealed for that agent alone.`,
    );
  return { secret: sealForAgent(secret, sealedFor), sealedFor };
}

/**
 * Seals the transfer secrets again that were sealed for an agent which is no more, by zone. None without an agent, and
 * none in a process without the master key.
 */
export async function resealStaleZoneSecrets(
  tx: Transaction,
  ctx: ServiceContext,
  server: { id: string },
): Promise<ReadonlyMap<string, SealedSecret>> {
  const sealed = new Map<string, SealedSecret>();
  const { masterKey } = ctx.installation;
  const sealingKey = await sealingKeyOf(tx, server.id);
  if (sealingKey === null || masterKey === null) return sealed;
  const stale = await tx
    .select({ zoneId: zones.id, name: zones.name, box: zoneSecrets.box })
    .from(zoneServers)
    .innerJoin(zones, eq(zones.id, zoneServers.zoneId))
    .innerJoin(zoneSecrets, eq(zoneSecrets.zoneId, zoneServers.zoneId))
    .where(and(eq(zoneServers.serverId, server.id), ne(zoneServers.sealedFor, sealingKey)));
  for (const { zoneId, name, box } of stale)
    sealed.set(name, sealForAgent(openAtRest(masterKey, purposeOf(zoneId), box), sealingKey));
  if (stale.length > 0)
    await tx.update(zoneServers).set({ sealedFor: sealingKey }).where(eq(zoneServers.serverId, server.id));
  return sealed;
}

/** The state with those secrets in place. Another host begins its zones anew, above every version that was served before. */
export function withZoneSecrets(
  state: TargetState,
  sealed: ReadonlyMap<string, SealedSecret>,
  now: Date,
): TargetState {
  if (sealed.size === 0) return state;
  const zonesNow = state.dns.zones.map((zone) => {
    const transferSecret = sealed.get(zone.name);
    if (transferSecret === undefined) return zone;
    return zone.role === "primary"
      ? { ...zone, transferSecret, serial: nextSerial(zone.serial, now) }
      : { ...zone, transferSecret };
  });
  return { ...state, dns: { ...state.dns, zones: zonesNow } };
}

/** The next serial of a zone: the time in seconds, and always more than before. */
export function nextSerial(before: number, now: Date): number {
  return Math.max(before + 1, Math.floor(now.getTime() / 1000));
}

function purposeOf(zoneId: string): string {
  return `zone\n${zoneId}`;
}
