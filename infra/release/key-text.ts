import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { type VerifySignature, withSignature } from "@mailstead/core/agent-updates";

/** The public half of a key as documents name it: raw Ed25519, base64. */
export function rawKey(key: KeyObject): string {
  const publicKey = key.type === "private" ? createPublicKey(key) : key;
  return publicKey.export({ type: "spki", format: "der" }).subarray(-32).toString("base64");
}

/** By this name hosts ask for what a key has signed. */
export function keyId(raw: string): string {
  return createHash("sha256").update(Buffer.from(raw, "base64")).digest("hex");
}

/** A text with the signature of a key as its last line. */
export function signText(text: string, key: KeyObject): string {
  return withSignature(text, sign(null, Buffer.from(text), key).toString("base64"));
}

// RFC 8410 §4.
const ed25519DerPrefix = Buffer.from("302a300506032b6570032100", "hex");

/** Whether a signature is by a key of documents. */
export const isSignedBy: VerifySignature = ({ text, signature, key }) => {
  const der = Buffer.concat([ed25519DerPrefix, Buffer.from(key, "base64")]);
  const publicKey = createPublicKey({ key: der, format: "der", type: "spki" });
  return verify(null, Buffer.from(text), publicKey, Buffer.from(signature, "base64"));
};

/** Makes an Ed25519 key in a file that its owner alone reads, sealed by the passphrase if there is one. */
export function makeKeyFile(path: string, passphrase: string | null = null): KeyObject {
  const { privateKey } = generateKeyPairSync("ed25519");
  const seal = passphrase === null ? {} : { cipher: "aes-256-cbc", passphrase };
  const pem = privateKey.export({ type: "pkcs8", format: "pem", ...seal }).toString();
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(`${path}.new`, pem, { mode: 0o600 });
  renameSync(`${path}.new`, path);
  return privateKey;
}

/** Reads a private key; null when there is none or it does not open with this passphrase. */
export function readKeyFile(path: string, passphrase: string | null = null): KeyObject | null {
  if (!existsSync(path)) return null;
  try {
    const key = createPrivateKey({
      key: readFileSync(path, "utf8"),
      ...(passphrase === null ? {} : { passphrase }),
    });
    return key.asymmetricKeyType === "ed25519" ? key : null;
  } catch {
    return null;
  }
}

/** Replaces a file whole, so that a download meets the old or the new. */
export function replaceFile(path: string, text: string): void {
  if (existsSync(path) && readFileSync(path, "utf8") === text) return;
  writeFileSync(`${path}.new`, text, { mode: 0o644 });
  renameSync(`${path}.new`, path);
}
