import type { SeenDelegation } from "@mailstead/core/zones";
import { zones } from "@mailstead/db";
import { eq } from "drizzle-orm";
import { z } from "zod";
import { parseInput, requireRole, type ServiceContext, withTransaction } from "../context/index.ts";
import { DnsQueryError, inspectDelegation, type Resolver, resolverFromText } from "../dns/index.ts";
import { findZone, readZoneServers } from "./zone-rows.ts";

const checkZoneInput = z.object({ zoneId: z.uuid() });

/** What is kept of a look at the world; a silent resolver says nothing of the zone. */
export type ZoneCheckReport =
  | { kind: "checked"; seen: SeenDelegation }
  | { kind: "resolver-silent"; sentence: string };

/** Asks the zone above and both name servers, and keeps what they said. Never throws for what the network does. */
export async function checkZone(
  ctx: ServiceContext,
  input: z.input<typeof checkZoneInput>,
  resolver: Resolver = resolverFromText(ctx.installation.dnsResolver),
): Promise<ZoneCheckReport> {
  const { zoneId } = parseInput(checkZoneInput, input);
  requireRole(ctx, "technician");
  const { name, servers } = await withTransaction(ctx, async (tx) => ({
    name: (await findZone(tx, zoneId)).name,
    servers: await readZoneServers(tx, zoneId),
  }));
  const nameServers = servers.map(({ nameServer, addresses }) => ({ name: nameServer, addresses }));
  // The network is asked between transactions: a slow name server must hold no lock.
  const report = await look(name, nameServers, resolver);
  await withTransaction(ctx, (tx) =>
    tx.update(zones).set({ checkedAt: ctx.now(), checkReport: report }).where(eq(zones.id, zoneId)),
  );
  return report;
}

async function look(
  name: string,
  nameServers: Parameters<typeof inspectDelegation>[1],
  resolver: Resolver,
): Promise<ZoneCheckReport> {
  try {
    return { kind: "checked", seen: await inspectDelegation(name, nameServers, resolver) };
  } catch (cause) {
    if (!(cause instanceof DnsQueryError)) throw cause;
    return {
      kind: "resolver-silent",
      sentence: `The resolver that Mailstead asks does not answer (${cause.message}), so the zone could not be checked. Try again in a minute.`,
    };
  }
}
