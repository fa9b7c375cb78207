import {
  createCipheriv,
  createDecipheriv,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from "node:crypto";
import type { SealedSecret } from "@mailstead/core/servers";

const nonceBytes = 12;
const tagBytes = 16;

/** Seals a text so that only the agent that holds the X25519 sealing key opens it; the layout stands at sealedSecretSchema. */
export function sealForAgent(text: string, sealingKey: string): SealedSecret {
  const ephemeral = generateKeyPairSync("x25519");
  const recipient = createPublicKey({
    key: { kty: "OKP", crv: "X25519", x: Buffer.from(sealingKey, "base64").toString("base64url") },
    format: "jwk",
  });
  const ephemeralRaw = rawPublicKey(ephemeral.publicKey);
  const shared = diffieHellman({ privateKey: ephemeral.privateKey, publicKey: recipient });
  const salt = Buffer.concat([ephemeralRaw, Buffer.from(sealingKey, "base64")]);
  const key = Buffer.from(hkdfSync("sha256", shared, salt, "mailstead-sealed-secret", 32));
  return { box: Buffer.concat([ephemeralRaw, encrypt(key, text)]).toString("base64") };
}

/** Seals a text with the master key, for rest in the database. `purpose` must be given again to open it. */
export function sealAtRest(masterKey: Buffer, purpose: string, text: string): string {
  return encrypt(keyFor(masterKey, purpose), text).toString("base64");
}

/** Opens what sealAtRest made; throws when the key or the purpose is another, or the box was altered. */
export function openAtRest(masterKey: Buffer, purpose: string, box: string): string {
  const bytes = Buffer.from(box, "base64");
  const decipher = createDecipheriv("aes-256-gcm", keyFor(masterKey, purpose), bytes.subarray(0, nonceBytes));
  decipher.setAuthTag(bytes.subarray(-tagBytes));
  return decipher.update(bytes.subarray(nonceBytes, -tagBytes), undefined, "utf8") + decipher.final("utf8");
}

function encrypt(key: Buffer, text: string): Buffer {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  return Buffer.concat([nonce, cipher.update(text, "utf8"), cipher.final(), cipher.getAuthTag()]);
}

/** One key per purpose, so that a box moved to another row or server does not open there. */
function keyFor(masterKey: Buffer, purpose: string): Buffer {
  return Buffer.from(hkdfSync("sha256", masterKey, "", `mailstead-at-rest\n${purpose}`, 32));
}

function rawPublicKey(key: KeyObject): Buffer {
  return Buffer.from(key.export({ format: "jwk" }).x ?? "", "base64url");
}
