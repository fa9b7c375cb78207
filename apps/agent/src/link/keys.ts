import {
  createDecipheriv,
  createHash,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
} from "node:crypto";

// RFC 8410 §4 and §7: the DER that stands before the 32 raw bytes of a key.
const publicPrefix = { ed25519: "302a300506032b6570032100", x25519: "302a300506032b656e032100" } as const;
const privatePrefix = {
  ed25519: "302e020100300506032b657004220420",
  x25519: "302e020100300506032b656e04220420",
} as const;
export type KeyKind = keyof typeof publicPrefix;

/** A key pair as base64 of the raw 32 bytes of each half. */
export interface RawKeyPair {
  publicKey: string;
  privateKey: string;
}

/** Makes a key pair; the private half goes nowhere but into the identity file. */
export function makeKeyPair(kind: KeyKind): RawKeyPair {
  const { publicKey, privateKey } =
    kind === "ed25519" ? generateKeyPairSync("ed25519") : generateKeyPairSync("x25519");
  return {
    publicKey: rawHalf(publicKey.export({ format: "der", type: "spki" })),
    privateKey: rawHalf(privateKey.export({ format: "der", type: "pkcs8" })),
  };
}

/** Reads a raw public key. Throws when it is not 32 bytes long. */
export function publicKeyOf(kind: KeyKind, base64: string): KeyObject {
  return createPublicKey({ key: der(publicPrefix[kind], base64), format: "der", type: "spki" });
}

/** Reads a raw private key. Throws when it is not 32 bytes long. */
export function privateKeyOf(kind: KeyKind, base64: string): KeyObject {
  return createPrivateKey({ key: der(privatePrefix[kind], base64), format: "der", type: "pkcs8" });
}

/** SHA-256 of a raw public key, by which a token and a signed job name it. */
export function fingerprintOf(publicKeyBase64: string, encoding: "hex" | "base64url"): string {
  return createHash("sha256").update(Buffer.from(publicKeyBase64, "base64")).digest(encoding);
}

function rawHalf(exported: Buffer): string {
  return exported.subarray(-32).toString("base64");
}

function der(prefix: string, base64: string): Buffer {
  const raw = Buffer.from(base64, "base64");
  if (raw.length !== 32) throw new Error(`a key has 32 bytes, this one has ${raw.length}`);
  return Buffer.concat([Buffer.from(prefix, "hex"), raw]);
}

const nonceBytes = 12;
const tagBytes = 16;

/**
 * Opens a secret that was sealed to this agent: base64 of the sender's ephemeral X25519 key (32 bytes), nonce (12),
 * AES-256-GCM text and tag (16). The AES key is HKDF-SHA-256 of the shared secret, salted with both public keys.
 * Throws when the box was made for another key or was altered.
 */
export function openSealedSecret(box: string, keys: RawKeyPair): string {
  const bytes = Buffer.from(box, "base64");
  if (bytes.length < 32 + nonceBytes + tagBytes) throw new Error("a sealed secret is too short");
  const ephemeral = bytes.subarray(0, 32);
  const shared = diffieHellman({
    privateKey: privateKeyOf("x25519", keys.privateKey),
    publicKey: publicKeyOf("x25519", ephemeral.toString("base64")),
  });
  const salt = Buffer.concat([ephemeral, Buffer.from(keys.publicKey, "base64")]);
  const key = Buffer.from(hkdfSync("sha256", shared, salt, "mailstead-sealed-secret", 32));
  const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(32, 32 + nonceBytes));
  decipher.setAuthTag(bytes.subarray(-tagBytes));
  return (
    decipher.update(bytes.subarray(32 + nonceBytes, -tagBytes), undefined, "utf8") + decipher.final("utf8")
  );
}
