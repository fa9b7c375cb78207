import type { TargetState } from "@mailstead/core/servers";
import { type Identity, readIdentity } from "../link/identity.ts";
import { type Host, realHost } from "../platform/host.ts";
import { checkHost, type HostKind, requireRoot } from "../platform/host-check.ts";
import { agentPaths } from "../platform/paths.ts";
import { readApplied } from "../reconcile/target-documents.ts";

export interface AppliedHost {
  host: Host;
  kind: HostKind;
  identity: Identity;
  /** Null on a host that was enrolled and never installed. */
  target: TargetState | null;
}

/** What the commands on the host need, without the control plane. Throws HostRefusal when it cannot be had. */
export async function readAppliedHost(): Promise<AppliedHost> {
  requireRoot();
  const host = realHost();
  const kind = await checkHost(host);
  const identity = await readIdentity(host.path(agentPaths.identity), kind.machineId);
  return { host, kind, identity, target: await readApplied(host) };
}
