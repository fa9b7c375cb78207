import { generateKeyPairSync, type KeyObject } from "node:crypto";
import type { DkimPublicKey } from "@mailstead/core/servers";

const madeKeys = new Map<string, { publicHalf: DkimPublicKey; privateKey: string }>();

/** The public half of a DKIM key of the demo, which is made when it is first asked for. */
export function publicHalf(
  domain: string,
  selector: string,
  algorithm: DkimPublicKey["algorithm"],
): DkimPublicKey {
  const name = `${selector}.${domain}`;
  const made = madeKeys.get(name) ?? makeKey({ domain, selector, algorithm });
  madeKeys.set(name, made);
  return made.publicHalf;
}

/** The private half of a key that was asked for before, as PKCS #8 PEM; empty for any other. */
export function privateHalf(domain: string, selector: string): string {
  return madeKeys.get(`${selector}.${domain}`)?.privateKey ?? "";
}

function makeKey(key: Omit<DkimPublicKey, "publicKey">): { publicHalf: DkimPublicKey; privateKey: string } {
  const { publicKey, privateKey } =
    key.algorithm === "ed25519"
      ? generateKeyPairSync("ed25519")
      : generateKeyPairSync("rsa", { modulusLength: 2048 });
  const text =
    key.algorithm === "ed25519"
      ? rawKey(publicKey)
      : publicKey.export({ format: "der", type: "spki" }).toString("base64");
  return {
    publicHalf: { ...key, publicKey: text },
    privateKey: privateKey.export({ format: "pem", type: "pkcs8" }).toString(),
  };
}

/** The 32 bytes of a public key of Curve25519, in base64 (RFC 8037 §2). */
export function rawKey(key: KeyObject): string {
  return Buffer.from(key.export({ format: "jwk" }).x ?? "", "base64url").toString("base64");
}
