import { z } from "zod";
import { readTextIfExists, writeFileAtomically } from "../platform/files.ts";
import { HostRefusal } from "../platform/host-check.ts";
import { parseJson } from "../platform/parse-json.ts";
import { fingerprintOf } from "./keys.ts";

const keyPairSchema = z.object({ publicKey: z.string().length(44), privateKey: z.string().length(44) });

/** Who this agent is and whom it obeys; made at enrolment, readable by root only. */
export const identitySchema = z.object({
  formatVersion: z.literal(1),
  agentId: z.uuid(),
  serverId: z.uuid(),
  gatewayUrl: z.url(),
  /** The host that was enrolled; a copy of this file on another host identifies nobody. */
  machineId: z.string(),
  /** Pinned: only jobs signed by this key are obeyed. Raw Ed25519, base64. */
  signingPublicKey: z.string().length(44),
  agentKeys: keyPairSchema,
  sealingKeys: keyPairSchema,
});
export type Identity = z.infer<typeof identitySchema>;

const howToStartAnew =
  "Run `mailstead-agent uninstall` here, then the command that the dashboard shows for this host.";

/** Reads the identity. Throws HostRefusal when there is none, it is damaged, or it belongs to another host. */
export async function readIdentity(path: string, machineId: string): Promise<Identity> {
  const text = await readTextIfExists(path);
  if (text === null)
    throw new HostRefusal(
      "This host is not enrolled: add it in the dashboard and run the command that it shows.",
    );
  const parsed = identitySchema.safeParse(parseJson(text));
  if (!parsed.success)
    throw new HostRefusal(`The agent cannot identify itself: ${path} is damaged. ${howToStartAnew}`);
  if (parsed.data.machineId !== machineId)
    throw new HostRefusal(
      `The agent cannot identify itself: ${path} was made on another host, of which this one is a copy. ${howToStartAnew}`,
    );
  return parsed.data;
}

/** Stores the identity, readable by its owner only. */
export async function writeIdentity(path: string, identity: Identity): Promise<void> {
  await writeFileAtomically(path, `${JSON.stringify(identity, null, 2)}\n`, { mode: 0o600 });
}

/** Fingerprint by which signed jobs name the pinned key. */
export function signingKeyFingerprint(identity: Identity): string {
  return fingerprintOf(identity.signingPublicKey, "hex");
}
