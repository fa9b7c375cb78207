import {
  createCipheriv,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  randomBytes,
} from "node:crypto";
import type { SealedSecret } from "@mailstead/core/servers";

/** Seals a text to an X25519 key by the layout that core documents. */
export function sealForTest(text: string, sealingPublicKey: string): SealedSecret {
  const recipientRaw = Buffer.from(sealingPublicKey, "base64");
  const ephemeral = generateKeyPairSync("x25519");
  const ephemeralRaw = ephemeral.publicKey.export({ format: "der", type: "spki" }).subarray(-32);
  const shared = diffieHellman({
    privateKey: ephemeral.privateKey,
    publicKey: createPublicKey({
      key: { kty: "OKP", crv: "X25519", x: recipientRaw.toString("base64url") },
      format: "jwk",
    }),
  });
  const salt = Buffer.concat([ephemeralRaw, recipientRaw]);
  const key = Buffer.from(hkdfSync("sha256", shared, salt, "mailstead-sealed-secret", 32));
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  const box = Buffer.concat([
    ephemeralRaw,
    nonce,
    cipher.update(text, "utf8"),
    cipher.final(),
    cipher.getAuthTag(),
  ]);
  return { box: box.toString("base64") };
}
