/** What can be listened to. Names double as Postgres channels, which hold at most 63 bytes. */
export type BusChannel =
  | "outbox"
  | "servers"
  | `job:${string}`
  | `server:${string}`
  | `gateway:${string}`
  | `dns:${string}`
  | `rollouts:${string}`;

export interface WakeUp {
  readonly channel: BusChannel;
  readonly payload: string;
}

/** Wakes the relay; sent by Postgres itself when the outbox row commits. */
export const outboxChannel = "outbox" satisfies BusChannel;

/** Progress and state of one job. */
export function jobChannel(jobId: string): BusChannel {
  return `job:${jobId}`;
}

/** What is known of one server: online, facts, drift. */
export function serverChannel(serverId: string): BusChannel {
  return `server:${serverId}`;
}

/** All servers there are; the payload is the id of the one that changed. The bus repeats each server's wake-ups here. */
export const serversChannel = "servers" satisfies BusChannel;

/** A wake-up with those that go out with it, so that nobody who tells of a server can forget who follows all of them. */
export function withFollowers(channel: BusChannel, payload: string): readonly WakeUp[] {
  const [kind, serverId] = channel.split(":");
  const own = { channel, payload };
  return kind === "server" && serverId !== undefined
    ? [own, { channel: serversChannel, payload: serverId }]
    : [own];
}

/** DNS connections and publications of one organisation. */
export function dnsChannel(organisationId: string): BusChannel {
  return `dns:${organisationId}`;
}

/** Rollouts of one organisation, with what becomes of their servers. */
export function rolloutsChannel(organisationId: string): BusChannel {
  return `rollouts:${organisationId}`;
}

/** What one gateway must do for an agent it holds, other than deliver: cancel a job, close a session. */
export function gatewayChannel(gatewayId: string): BusChannel {
  return `gateway:${gatewayId}`;
}
