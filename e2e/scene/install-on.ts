import { addServer, changeStackSettings, installServer } from "@mailstead/services/servers";
import type { ControlPlane } from "../control-plane/start.ts";
import type { Lab } from "../lab/lab.ts";
import { waitFor } from "../lab/wait-for.ts";
import { query } from "./database.ts";
import type { Operator } from "./operator.ts";
import { paste } from "./scene.ts";

/** A control plane in a lab, and somebody who acts in it. */
export interface Place {
  readonly lab: Lab;
  readonly controlPlane: ControlPlane;
  readonly operator: Operator;
}

const installWithinMs = 300_000;

/** Adds a host of the lab as a server, pastes its command there, and has mail installed. Throws with what was said when that fails. */
export async function installOn(
  { lab, controlPlane, operator: { ctx } }: Place,
  { name, tenantId }: { name: string; tenantId: string },
): Promise<string> {
  const host = lab.host(name);
  const { hostname } = host.description;
  const { serverId, command } = await addServer(ctx, { tenantId, name, hostname });
  const { code, output } = await paste(host, command);
  if (code !== 0) throw new Error(`${name} could not be enrolled: ${output}`);
  await waitFor(`${name} to be online`, async () => {
    const online = "select 1 from servers where id = $1 and gateway_id is not null";
    return (await query(controlPlane, online, [serverId])).length === 1;
  });
  // The stream sends more in minutes than a person may in a day.
  const settings = { sendsPerMailboxPerHourMax: 0, sendsPerDomainPerHourMax: 0 };
  await changeStackSettings(ctx, { serverId, settings });
  await installServer(ctx, { serverId });
  await untilQuiet(controlPlane, serverId);
  return serverId;
}

/** Waits until all jobs of a server have ended. Throws when one of them did not succeed. */
export async function untilQuiet(controlPlane: ControlPlane, serverId: string): Promise<void> {
  const open = "select 1 from jobs where server_id = $1 and ended_at is null";
  await waitFor(
    "the server's jobs to end",
    async () => (await query(controlPlane, open, [serverId])).length === 0,
    { timeoutMs: installWithinMs },
  );
  const failed = "select verb, outcome from jobs where server_id = $1 and state <> 'succeeded'";
  const bad = await query(controlPlane, failed, [serverId]);
  if (bad.length > 0) throw new Error(`Jobs of the server did not succeed: ${JSON.stringify(bad)}`);
}
