import { createHash } from "node:crypto";
import type { SshHostKey } from "@mailstead/core/dns";
import { readTextIfExists } from "../platform/files.ts";
import type { Host } from "../platform/host.ts";

/** Public halves of the keys that Debian makes for every SSH server; the private ones are not looked at. */
export const sshHostKeyPaths = ["ed25519", "ecdsa", "rsa"].map(
  (algorithm) => `/etc/ssh/ssh_host_${algorithm}_key.pub`,
);

// RFC 4253 §6.6, RFC 5656 §6.2, RFC 8709 §4.
const algorithms: Record<string, SshHostKey["algorithm"]> = {
  "ssh-rsa": "rsa",
  "ssh-ed25519": "ed25519",
  "ecdsa-sha2-nistp256": "ecdsa",
  "ecdsa-sha2-nistp384": "ecdsa",
  "ecdsa-sha2-nistp521": "ecdsa",
};

/** Fingerprints of the host's SSH keys, as SSHFP records show them (RFC 4255 §3.1); none on a host without SSH. */
export async function readSshHostKeys(host: Host): Promise<SshHostKey[]> {
  const texts = await Promise.all(sshHostKeyPaths.map((path) => readTextIfExists(host.path(path))));
  return texts.flatMap((text) => {
    const key = text === null ? null : parseSshPublicKey(text);
    return key === null ? [] : [key];
  });
}

/** Reads the line of a public key file; null for what is none. */
export function parseSshPublicKey(text: string): SshHostKey | null {
  const [type = "", encoded = ""] = text.trim().split(/\s+/);
  const algorithm = algorithms[type];
  const blob = Buffer.from(encoded, "base64");
  // The blob begins with its own type, by which a broken file is told from a key.
  if (algorithm === undefined || blob.length < 4 + type.length) return null;
  if (blob.readUInt32BE(0) !== type.length || blob.toString("latin1", 4, 4 + type.length) !== type)
    return null;
  return { algorithm, sha256: createHash("sha256").update(blob).digest("hex") };
}
