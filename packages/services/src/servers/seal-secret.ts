import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";
import type { SealedSecret } from "@mailstead/core/servers";
import { sealBox } from "../secrets/index.ts";

const nonceBytes = 12;
const tagBytes = 16;

/** Seals a text so that only the agent that holds the X25519 sealing key opens it; the layout stands at sealedSecretSchema. */
export function sealForAgent(text: string, sealingKey: string): SealedSecret {
  return {
    box: sealBox(text, { recipient: Buffer.from(sealingKey, "base64"), info: "mailstead-sealed-secret" }),
  };
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
