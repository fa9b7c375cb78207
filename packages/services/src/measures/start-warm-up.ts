import { firstTrack, warmUpProviders } from "@mailstead/core/measures";
import { newId, servers, type Transaction, warmUps } from "@mailstead/db";
import { and, eq, isNull } from "drizzle-orm";
import { z } from "zod";
import { recordAudit } from "../audit/index.ts";
import {
  parseInput,
  requireRole,
  type ServiceContext,
  ServiceError,
  withTransaction,
} from "../context/index.ts";
import { getServerForChange } from "../servers/index.ts";
import { tellHost } from "./tell-host.ts";

/** How long a provider's word against a new address goes unheard at most. */
export const warmUpLookEveryMs = 15 * 60_000;

const startWarmUpInput = z.object({
  serverId: z.uuid(),
  address: z.union([z.ipv4(), z.ipv6()], { error: "this is not an IP address" }),
});

/**
 * Starts the warm-up of a sending address: providers that watch new addresses get little mail at first, and more from day
 * to day while they accept it. Throws `conflict` while one of the same address is running, and `invalid` for an address
 * that the server does not have.
 */
export async function startWarmUp(
  ctx: ServiceContext,
  input: z.input<typeof startWarmUpInput>,
): Promise<{ warmUpId: string; jobId: string | null }> {
  requireRole(ctx, "technician");
  const { serverId, address } = parseInput(startWarmUpInput, input);
  return withTransaction(ctx, async (tx) => {
    const server = await getServerForChange(tx, serverId);
    const own = await ownAddresses(tx, serverId);
    if (own.length > 0 && !own.includes(address))
      throw new ServiceError("invalid", `${server.name} does not have ${address}, but ${own.join(", ")}.`, {
        field: "address",
      });
    const [same] = await tx
      .select({ id: warmUps.id })
      .from(warmUps)
      .where(and(eq(warmUps.serverId, serverId), eq(warmUps.address, address), isNull(warmUps.endedAt)));
    if (same !== undefined)
      throw new ServiceError("conflict", `The warm-up of ${address} is running already.`, {
        field: "address",
      });
    const now = ctx.now();
    const id = newId(now);
    await tx.insert(warmUps).values({
      id,
      organisationId: server.organisationId,
      tenantId: server.tenantId,
      serverId,
      address,
      tracks: warmUpProviders.map((provider) => firstTrack(provider, now)),
      startedBy: ctx.actor.name,
      startedAt: now,
      lookAt: new Date(now.getTime() + warmUpLookEveryMs),
    });
    const { jobId } = await tellHost(tx, ctx, { server, summary: `Warm-up of ${address} started` });
    await recordAudit(tx, ctx, {
      organisationId: server.organisationId,
      tenantId: server.tenantId,
      action: "start-warm-up",
      subject: { kind: "server", id: server.id, name: server.name },
      after: { address },
    });
    return { warmUpId: id, jobId };
  });
}

/** The addresses that the host told of last; none before its agent has come. */
async function ownAddresses(tx: Transaction, serverId: string): Promise<readonly string[]> {
  const [row] = await tx.select({ facts: servers.facts }).from(servers).where(eq(servers.id, serverId));
  return row?.facts?.ipAddresses ?? [];
}
