import { smarthostsOfSenders } from "@mailstead/core/dns";
import type { DestinationRelay, Relay } from "@mailstead/core/servers";
import { dkimKeys, servers, type Transaction, targetStates } from "@mailstead/db";
import { and, eq, inArray, sql } from "drizzle-orm";
import { type DomainServer, readServersOfDomains } from "../domains/index.ts";

/** What sends for a domain, and what signs there. */
export interface OwnHosts {
  readonly hosts: readonly DomainServer[];
  /** Selectors of the keys that its servers sign with, or did. */
  readonly selectors: readonly string[];
  /** Host names of the smarthosts that its servers may relay a domain's mail through, as its SPF record lets them in. */
  readonly smarthosts: (domain: string) => readonly string[];
}

/** The same for many domains at once, by their ids. */
export async function readOwnHosts(
  tx: Transaction,
  domainIds: readonly string[],
): Promise<ReadonlyMap<string, OwnHosts>> {
  const hosts = await readServersOfDomains(tx, domainIds);
  const relays = await readRelays(tx, [
    ...new Set([...hosts.values()].flatMap((own) => own.map(({ id }) => id))),
  ]);
  const keys = await tx
    .selectDistinct({
      domainId: dkimKeys.domainId,
      selector: dkimKeys.selector,
      signsAs: dkimKeys.signsAs,
    })
    .from(dkimKeys)
    .where(inArray(dkimKeys.domainId, [...domainIds]));
  const keysOf = Map.groupBy(keys, ({ domainId }) => domainId);
  return new Map(
    domainIds.map((domainId) => {
      const own = hosts.get(domainId) ?? [];
      return [
        domainId,
        {
          hosts: own,
          selectors: (keysOf.get(domainId) ?? []).flatMap(({ selector, signsAs }) => [
            selector,
            ...(signsAs === null ? [] : [signsAs]),
          ]),
          smarthosts: (domain) =>
            own
              .flatMap(({ id }) => smarthostsOfSenders(domain, relays.get(id) ?? {}))
              .map(({ host }) => host),
        },
      ];
    }),
  );
}

interface ServerRelays {
  readonly relays: readonly Relay[];
  readonly destinationRelays: readonly DestinationRelay[];
}

async function readRelays(
  tx: Transaction,
  serverIds: readonly string[],
): Promise<ReadonlyMap<string, ServerRelays>> {
  const rows = await tx
    .select({
      serverId: servers.id,
      relays: sql<Relay[] | null>`${targetStates.document}::jsonb -> 'relays'`,
      destinationRelays: sql<
        DestinationRelay[] | null
      >`${targetStates.document}::jsonb -> 'destinationRelays'`,
    })
    .from(servers)
    .innerJoin(
      targetStates,
      and(eq(targetStates.serverId, servers.id), eq(targetStates.revision, servers.targetRevision)),
    )
    .where(inArray(servers.id, [...serverIds]));
  return new Map(
    rows.map(({ serverId, relays, destinationRelays }) => [
      serverId,
      { relays: relays ?? [], destinationRelays: destinationRelays ?? [] },
    ]),
  );
}
