import {
  defaultStackSettings,
  noOverrides,
  type TargetState,
  targetStateSchema,
} from "@mailstead/core/servers";

export const sampleDomains = [
  {
    name: "alpha.example",
    dkimKeys: [
      { selector: "ms202611a", algorithm: "rsa-2048", isSigning: true },
      { selector: "ms202611b", algorithm: "ed25519", isSigning: true },
    ],
  },
] as const;

/** A server with one domain and two DKIM keys; `changes` replace whole fields. */
export function sampleTarget(
  serverId: string,
  changes: Partial<Record<keyof TargetState, unknown>> = {},
): TargetState {
  return targetStateSchema.parse({
    formatVersion: 1,
    serverId,
    revision: 1,
    hostname: "mail1.fleet.example",
    stack: defaultStackSettings,
    domains: sampleDomains,
    relays: [],
    driftPolicy: "ask",
    overrides: noOverrides,
    ...changes,
  });
}
