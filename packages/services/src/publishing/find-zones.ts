import { canonicalName } from "@mailstead/core/publishing";
import { dnsConnections } from "@mailstead/db";
import { and, asc, eq, isNull, or } from "drizzle-orm";
import { withSystemTransaction } from "../context/index.ts";
import { type DnsProvider, DnsProviderError, type ProviderZone } from "../dns/index.ts";
import { openSettings } from "./connection-secret.ts";
import type { PublishingScope, PublishingWorker } from "./publishing-worker.ts";
import { tryConnection } from "./try-connection.ts";

/** A zone that a connection of the organisation may change. */
export interface ReachableZone {
  connectionId: string;
  label: string;
  zone: ProviderZone;
}

export type ZoneSearch =
  | { kind: "no-connection" }
  | {
      kind: "searched";
      /** By name; a name that no connection reaches is left out. */
      zones: ReadonlyMap<string, ReachableZone>;
      /** What went wrong while zones were listed, when that may be why one is missing. */
      problem: DnsProviderError | null;
    };

interface Connection {
  id: string;
  label: string;
  tenantId: string | null;
  zones: readonly ProviderZone[];
}

/**
 * Finds for each name the closest zone above it that some connection reaches, a customer's own connection before one of
 * the organisation. Zones are listed anew when one is missing.
 */
export async function findZones(
  worker: PublishingWorker,
  scope: PublishingScope,
  names: readonly string[],
): Promise<ZoneSearch> {
  const connections = await readConnections(worker, scope);
  if (connections.length === 0) return { kind: "no-connection" };
  const known = match(connections, names);
  if (known.size === new Set(names.map(canonicalName)).size)
    return { kind: "searched", zones: known, problem: null };
  let problem: DnsProviderError | null = null;
  for (const { id } of connections) {
    const tried = await tryConnection(worker, id);
    if (tried.kind === "failing") problem ??= tried.error;
  }
  return { kind: "searched", zones: match(await readConnections(worker, scope), names), problem };
}

/** Opens the provider of a connection. Throws DnsProviderError when it was removed meanwhile or cannot be opened. */
export async function openConnection(worker: PublishingWorker, connectionId: string): Promise<DnsProvider> {
  const [row] = await withSystemTransaction(worker.system, (tx) =>
    tx
      .select({ id: dnsConnections.id, box: dnsConnections.box })
      .from(dnsConnections)
      .where(eq(dnsConnections.id, connectionId)),
  );
  if (row === undefined)
    throw new DnsProviderError("bad-credentials", "The DNS connection was removed meanwhile.");
  return worker.openProvider(openSettings(worker.opener, row));
}

function readConnections(worker: PublishingWorker, scope: PublishingScope): Promise<Connection[]> {
  return withSystemTransaction(worker.system, (tx) =>
    tx
      .select({
        id: dnsConnections.id,
        label: dnsConnections.label,
        tenantId: dnsConnections.tenantId,
        zones: dnsConnections.zones,
      })
      .from(dnsConnections)
      .where(
        and(
          eq(dnsConnections.organisationId, scope.organisationId),
          or(isNull(dnsConnections.tenantId), eq(dnsConnections.tenantId, scope.tenantId)),
          scope.connectionId === undefined
            ? isNull(dnsConnections.leavingSince)
            : eq(dnsConnections.id, scope.connectionId),
        ),
      )
      .orderBy(asc(dnsConnections.createdAt), asc(dnsConnections.id)),
  );
}

function match(connections: readonly Connection[], names: readonly string[]): Map<string, ReachableZone> {
  const found = new Map<string, ReachableZone>();
  for (const name of new Set(names.map(canonicalName))) {
    const candidates = connections
      .flatMap(({ id, label, tenantId, zones }) =>
        zones.map((zone) => ({ connectionId: id, label, zone, isOwn: tenantId !== null })),
      )
      .filter(({ zone }) => `.${name}`.endsWith(`.${zone.name}`))
      .sort((a, b) => b.zone.name.length - a.zone.name.length || Number(b.isOwn) - Number(a.isOwn));
    const [best] = candidates;
    if (best !== undefined)
      found.set(name, { connectionId: best.connectionId, label: best.label, zone: best.zone });
  }
  return found;
}
