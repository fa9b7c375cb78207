import type { ChallengeGround } from "@mailstead/core/certificates";
import { dnsConnections, domains, organisations, servers, zones } from "@mailstead/db";
import { eq, isNull } from "drizzle-orm";
import { acrossCustomers, type ServiceContext, withTransaction } from "../context/index.ts";

export interface Ground extends ChallengeGround {
  /** The domains of the customer, the oldest first. */
  domains: readonly { id: string; name: string }[];
  /** Those of the whole organisation. */
  allDomains: readonly { id: string; name: string }[];
  /** Where the organisation has delegated names lie now; null while it has no such zone. */
  delegationZone: string | null;
}

/**
 * What a customer may call its own in the DNS, and what is others'. Its own is read in its own sight, so that the
 * database itself keeps everybody else's rows out of that.
 */
export function readGround(ctx: ServiceContext, tenantId: string): Promise<Ground> {
  const own = { ...ctx, tenantId };
  return withTransaction(own, async (tx) => {
    const readNames = async () => ({
      domains: await tx
        .select({ id: domains.id, name: domains.name, base: domains.dkimDelegatedTo })
        .from(domains)
        .orderBy(domains.createdAt, domains.id),
      zones: await tx.select({ name: zones.name }).from(zones),
      connections: await tx
        .select({ id: dnsConnections.id, tenantId: dnsConnections.tenantId, zones: dnsConnections.zones })
        .from(dnsConnections)
        .where(isNull(dnsConnections.leavingSince)),
    });
    const theirs = await readNames();
    const serverIds = (await tx.select({ id: servers.id }).from(servers)).map(({ id }) => id);
    const { all, delegationZone } = await acrossCustomers(tx, own, async () => {
      const [organisation] = await tx
        .select({ zone: organisations.dkimZone })
        .from(organisations)
        .where(eq(organisations.id, ctx.organisationId));
      return { all: await readNames(), delegationZone: organisation?.zone ?? null };
    });
    const isOwn = new Set([...theirs.domains, ...theirs.zones].map(({ name }) => name));
    const formerZones = all.domains.flatMap(({ base }) => (base === null ? [] : [above(base)]));
    return {
      domains: theirs.domains,
      allDomains: all.domains,
      own: [...isOwn],
      others: [...all.domains, ...all.zones].map(({ name }) => name).filter((name) => !isOwn.has(name)),
      connected: [
        ...connectedBy(theirs.connections, true),
        ...connectedBy(
          all.connections.filter((connection) => connection.tenantId === null),
          false,
        ),
      ],
      delegationZone,
      delegationZones: [...new Set([...(delegationZone === null ? [] : [delegationZone]), ...formerZones])],
      ownIds: [...theirs.domains.map(({ id }) => id), ...serverIds],
    };
  });
}

function connectedBy(connections: readonly { zones: readonly { name: string }[] }[], isOwn: boolean) {
  return connections.flatMap((connection) => connection.zones.map(({ name }) => ({ zone: name, isOwn })));
}

/** The zone below which a domain's id stands, as domains that delegated their keys before it moved still have it. */
function above(base: string): string {
  return base.slice(base.indexOf(".") + 1);
}
