import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign } from "node:crypto";
import type { JobOrder, SignedJob } from "@mailstead/core/jobs";

/** Signs orders with the control plane's Ed25519 key; only the worker holds one. */
export interface JobSigner {
  sign(order: JobOrder): SignedJob;
}

/** Makes a signer of a PKCS #8 PEM. Throws when it is not an Ed25519 private key. */
export function makeJobSigner(privateKeyPem: string): JobSigner {
  const key = createPrivateKey(privateKeyPem);
  if (key.asymmetricKeyType !== "ed25519")
    throw new Error(`The signing key must be an Ed25519 key, not ${key.asymmetricKeyType}.`);
  const keyFingerprint = fingerprintOf(key);
  return {
    sign(order) {
      const text = JSON.stringify(order);
      const signature = sign(null, Buffer.from(text, "utf8"), key).toString("base64");
      return { order: text, signature, keyFingerprint };
    },
  };
}

// RFC 8410 §4: the DER of an Ed25519 public key ends with its 32 raw bytes.
function fingerprintOf(privateKey: KeyObject): string {
  const raw = createPublicKey(privateKey).export({ format: "der", type: "spki" }).subarray(-32);
  return createHash("sha256").update(raw).digest("hex");
}
