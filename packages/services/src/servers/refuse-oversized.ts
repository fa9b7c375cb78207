import { domainsPerServerMax, type TargetState, targetDocumentMaxBytes } from "@mailstead/core/servers";
import { ServiceError } from "../context/index.ts";

/**
 * Throws `limit-reached` when a target state is more than one host can be told: it would be written here, and never
 * arrive there.
 */
export function refuseOversized(server: { name: string }, state: TargetState): void {
  if (state.domains.length > domainsPerServerMax)
    throw new ServiceError(
      "limit-reached",
      `${server.name} has ${domainsPerServerMax} domains, the most that one server takes; add the domain to another server.`,
    );
  const sizeBytes = Buffer.byteLength(JSON.stringify(state));
  if (sizeBytes > targetDocumentMaxBytes)
    throw new ServiceError(
      "limit-reached",
      `With this, ${server.name} would have ${inMiB(sizeBytes)} MiB of settings, and a host takes at most ${inMiB(targetDocumentMaxBytes)} MiB; move some of its domains, relays or overrides to another server.`,
    );
}

function inMiB(bytes: number): string {
  return (bytes / 1_048_576).toFixed(1);
}
