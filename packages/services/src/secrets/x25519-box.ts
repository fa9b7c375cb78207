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

const publicKeyBytes = 32;
const nonceBytes = 12;
const tagBytes = 16;

/** Who opens a box: a raw X25519 public key (RFC 7748 §5), and what the box is for, which must be given again to open it. */
export interface BoxAddress {
  recipient: Buffer;
  info: string;
}

/** Seals a text so that only the holder of the recipient's key opens it. The layout stands at sealedSecretSchema. */
export function sealBox(text: string, { recipient, info }: BoxAddress): string {
  const pair = generateKeyPairSync("x25519");
  const ephemeral = rawPublicKey(pair.publicKey);
  const shared = diffieHellman({ privateKey: pair.privateKey, publicKey: publicKeyOf(recipient) });
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv("aes-256-gcm", boxKey({ shared, ephemeral, recipient, info }), nonce);
  const sealed = Buffer.concat([cipher.update(text, "utf8"), cipher.final(), cipher.getAuthTag()]);
  return Buffer.concat([ephemeral, nonce, sealed]).toString("base64");
}

/** Opens what sealBox made. Throws when it was sealed for another key or another use, or was altered. */
export function openBox(box: string, { privateKey, info }: { privateKey: KeyObject; info: string }): string {
  const bytes = Buffer.from(box, "base64");
  const ephemeral = bytes.subarray(0, publicKeyBytes);
  const shared = diffieHellman({ privateKey, publicKey: publicKeyOf(ephemeral) });
  const recipient = rawPublicKey(createPublicKey(privateKey));
  const nonce = bytes.subarray(publicKeyBytes, publicKeyBytes + nonceBytes);
  const decipher = createDecipheriv("aes-256-gcm", boxKey({ shared, ephemeral, recipient, info }), nonce);
  decipher.setAuthTag(bytes.subarray(-tagBytes));
  const sealed = bytes.subarray(publicKeyBytes + nonceBytes, -tagBytes);
  return decipher.update(sealed, undefined, "utf8") + decipher.final("utf8");
}

export function rawPublicKey(key: KeyObject): Buffer {
  return Buffer.from(key.export({ format: "jwk" }).x ?? "", "base64url");
}

function publicKeyOf(raw: Buffer): KeyObject {
  return createPublicKey({
    key: { kty: "OKP", crv: "X25519", x: raw.toString("base64url") },
    format: "jwk",
  });
}

function boxKey(input: { shared: Buffer; ephemeral: Buffer; recipient: Buffer; info: string }): Buffer {
  const { shared, ephemeral, recipient, info } = input;
  return Buffer.from(hkdfSync("sha256", shared, Buffer.concat([ephemeral, recipient]), info, 32));
}
