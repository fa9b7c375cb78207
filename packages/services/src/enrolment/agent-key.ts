import { createPublicKey, type KeyObject } from "node:crypto";

// RFC 8410 §4: the DER that stands before the 32 raw bytes of an Ed25519 public key.
const ed25519Prefix = Buffer.from("302a300506032b6570032100", "hex");

/** Reads an agent's raw Ed25519 key, base64. Throws when it is not 32 bytes long. */
export function readAgentKey(publicKey: string): KeyObject {
  const der = Buffer.concat([ed25519Prefix, Buffer.from(publicKey, "base64")]);
  return createPublicKey({ key: der, format: "der", type: "spki" });
}
