/** What can be listened to. Names double as Postgres channels, which hold at most 63 bytes. */
export type BusChannel = "outbox" | `job:${string}` | `server:${string}` | `gateway:${string}`;

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

/** What one gateway must do for an agent it holds, other than deliver: cancel a job, close a session. */
export function gatewayChannel(gatewayId: string): BusChannel {
  return `gateway:${gatewayId}`;
}
