import { defaultStackSettings, noOverrides, type TargetState, targetStateSchema } from "../servers/index.ts";

/** A certificate of a target state for `<id>.alpha.example`, issued in this version or not yet. */
export function sampleCertificate(
  id: string,
  { version, names = [`${id}.alpha.example`] }: { version: string | null; names?: readonly string[] },
): TargetState["certificates"][number] {
  const chain = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
  const issued = version === null ? null : { version, chain };
  return { id, names: [...names], keyId: `key-${id}`, issued, next: null };
}

/** A target state with two domains, for tests of renderers and planners; `changes` replace whole fields. */
export function sampleTarget(changes: Partial<Record<keyof TargetState, unknown>> = {}): TargetState {
  return targetStateSchema.parse({
    formatVersion: 1,
    serverId: "0193a5b0-7c1e-7000-8000-000000000001",
    revision: 1,
    hostname: "mail.alpha.example",
    stack: defaultStackSettings,
    domains: [
      {
        name: "alpha.example",
        dkimKeys: [
          { selector: "ms202611r", algorithm: "rsa-2048", isSigning: true },
          { selector: "ms202611e", algorithm: "ed25519", isSigning: true },
        ],
      },
      {
        name: "beta.example",
        dkimKeys: [{ selector: "ms202611r", algorithm: "rsa-2048", isSigning: false }],
      },
    ],
    relays: [],
    feedbackSenderId: "ms800000000002",
    driftPolicy: "ask",
    overrides: noOverrides,
    ...changes,
  });
}
