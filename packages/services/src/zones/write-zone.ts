import { createHash } from "node:crypto";
import type { SealedSecret, TargetState, TargetZone } from "@mailstead/core/servers";
import { type Transaction, zones } from "@mailstead/db";
import { eq } from "drizzle-orm";
import { type ServiceContext, ServiceError } from "../context/index.ts";
import { changeTargetState, getServerForChange, nextSerial } from "../servers/index.ts";
import { readZoneRecords, readZoneServers, type ZoneRow, type ZoneServerRow } from "./zone-rows.ts";

export interface ZoneWritten {
  isChanged: boolean;
  /** The converges that carry it to the hosts. */
  jobIds: string[];
}

export interface ZoneWriting {
  zone: ZoneRow;
  summary: string;
  /** Sealed transfer secrets by server, for servers that have none of this zone yet. */
  secrets?: ReadonlyMap<string, SealedSecret>;
  /** Leaves the target states unread while the rows say what was written last: they may be long. */
  isSkippedUnchanged?: boolean;
  /** A new primary begins above this version, which the world has seen. */
  serialAbove?: number;
}

/** By then a change has reached both name servers, unless something is wrong. */
const servedAfterMs = 2 * 60_000;

/**
 * Puts a locked zone, as its rows say it is, into the target states of its two servers. Rows that say what is served
 * already make no revision. Throws `invalid` with a sentence when the rows make no zone.
 */
export async function writeZone(
  tx: Transaction,
  ctx: ServiceContext,
  { zone, summary, secrets = new Map(), isSkippedUnchanged = false, serialAbove = 0 }: ZoneWriting,
): Promise<ZoneWritten> {
  const hosts = await readZoneServers(tx, zone.id);
  const rows = await readZoneRecords(tx, zone.id);
  const records = rows.map(({ name, type, ttlSeconds, value }) => ({ name, type, ttlSeconds, value }));
  const written: ZoneWritten = { isChanged: false, jobIds: [] };
  const digest = createHash("sha256")
    .update(JSON.stringify([hosts, records]))
    .digest("hex");
  if (isSkippedUnchanged && digest === zone.writtenDigest) return written;
  // In the order in which every use case locks servers.
  for (const host of hosts.toSorted((left, right) => (left.serverId < right.serverId ? -1 : 1))) {
    const peer = hosts.find(({ serverId }) => serverId !== host.serverId);
    if (peer === undefined) throw new Error(`zone ${zone.id} has no second server`);
    const { isChanged, jobId } = await changeTargetState(tx, ctx, {
      server: await getServerForChange(tx, host.serverId),
      summary,
      change: (state) => {
        const before = state.dns.zones.find(({ name }) => name === zone.name);
        const transferSecret = secrets.get(host.serverId) ?? before?.transferSecret;
        if (transferSecret === undefined)
          throw new Error(`server ${host.serverId} has no secret of ${zone.name}`);
        const base = {
          name: zone.name as TargetZone["name"],
          transferSecret,
          peerAddresses: reachable(peer, host),
        };
        const wanted =
          host.role === "secondary"
            ? ({ role: "secondary", ...base } as const)
            : primaryZone({ ...base, hosts, records }, { before, now: ctx.now(), serialAbove });
        return withZone(state, { zone: wanted, listenAddresses: host.addresses });
      },
    });
    written.isChanged ||= isChanged;
    if (jobId !== null) written.jobIds.push(jobId);
  }
  await tx
    .update(zones)
    .set({
      writtenDigest: digest,
      ...(written.isChanged ? { nextCheckAt: new Date(ctx.now().getTime() + servedAfterMs) } : {}),
    })
    .where(eq(zones.id, zone.id));
  return written;
}

/** Takes a zone out of the target states of its servers. */
export async function withdrawZone(
  tx: Transaction,
  ctx: ServiceContext,
  { zone, summary }: { zone: ZoneRow; summary: string },
): Promise<void> {
  const hosts = await readZoneServers(tx, zone.id);
  for (const { serverId } of hosts.toSorted((left, right) => (left.serverId < right.serverId ? -1 : 1)))
    await takeFromServer(tx, ctx, { zone, serverId, summary });
}

/** Takes a zone out of the target state of one server. */
export async function takeFromServer(
  tx: Transaction,
  ctx: ServiceContext,
  { zone, serverId, summary }: { zone: ZoneRow; serverId: string; summary: string },
): Promise<void> {
  await changeTargetState(tx, ctx, {
    server: await getServerForChange(tx, serverId),
    summary,
    change: (state) => ({
      ...state,
      dns: { ...state.dns, zones: state.dns.zones.filter(({ name }) => name !== zone.name) },
    }),
  });
}

/** Addresses of the one that the other has a way to. Throws `precondition-failed` when they share no family. */
export function reachable(
  to: Pick<ZoneServerRow, "addresses" | "serverName">,
  from: Pick<ZoneServerRow, "addresses" | "serverName">,
): string[] {
  const isV6 = (address: string) => address.includes(":");
  const found = to.addresses.filter((address) => from.addresses.some((own) => isV6(own) === isV6(address)));
  if (found.length === 0)
    throw new ServiceError(
      "precondition-failed",
      `${to.serverName} and ${from.serverName} have no public address of the same family, so the one cannot hand a zone to the other.`,
    );
  return found;
}

type PrimaryZone = Extract<TargetZone, { role: "primary" }>;

function primaryZone(
  {
    hosts,
    ...rest
  }: Pick<PrimaryZone, "name" | "transferSecret" | "peerAddresses" | "records"> & {
    hosts: readonly ZoneServerRow[];
  },
  { before, now, serialAbove }: { before: TargetZone | undefined; now: Date; serialAbove: number },
): PrimaryZone {
  const zone: PrimaryZone = {
    role: "primary",
    ...rest,
    serial: before?.role === "primary" ? before.serial : nextSerial(serialAbove, now),
    nameServers: hosts.map(({ nameServer, addresses }) => ({
      name: nameServer as PrimaryZone["nameServers"][number]["name"],
      addresses,
    })),
  };
  if (before?.role !== "primary" || contentOf(before) === contentOf(zone)) return zone;
  return { ...zone, serial: nextSerial(before.serial, now) };
}

function contentOf({ records, nameServers }: PrimaryZone): string {
  return JSON.stringify([
    nameServers.map(({ name, addresses }) => [name, addresses]),
    records.map(({ name, type, ttlSeconds, value }) => [name, type, ttlSeconds, value]),
  ]);
}

function withZone(
  state: TargetState,
  { zone, listenAddresses }: { zone: TargetZone; listenAddresses: string[] },
): TargetState {
  const others = state.dns.zones.filter(({ name }) => name !== zone.name);
  const sorted = [...others, zone].sort((left, right) => (left.name < right.name ? -1 : 1));
  return { ...state, dns: { hasServed: true, listenAddresses, zones: sorted } };
}
