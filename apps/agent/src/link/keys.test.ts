import { createCipheriv, diffieHellman, hkdfSync, randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { fingerprintOf, makeKeyPair, openSealedSecret, privateKeyOf, publicKeyOf } from "./keys.ts";

describe("a sealed secret", () => {
  it("opens with the key that it was sealed to and with no other", () => {
    const keys = makeKeyPair("x25519");
    const box = seal("relay password ü", keys.publicKey);
    expect(openSealedSecret(box, keys)).toBe("relay password ü");
    expect(() => openSealedSecret(box, makeKeyPair("x25519"))).toThrow();
  });

  it("does not open when one bit of it was altered", () => {
    const keys = makeKeyPair("x25519");
    const bytes = Buffer.from(seal("secret", keys.publicKey), "base64");
    bytes[50] = (bytes[50] ?? 0) ^ 1;
    expect(() => openSealedSecret(bytes.toString("base64"), keys)).toThrow();
    expect(() => openSealedSecret("AAAA", keys)).toThrow("too short");
  });
});

describe("a key", () => {
  it("is refused when it is not 32 bytes long", () => {
    expect(() => publicKeyOf("ed25519", "AAAA")).toThrow("32 bytes");
  });

  it("has the fingerprint that tokens and orders name it by", () => {
    const key = Buffer.alloc(32).toString("base64");
    expect(fingerprintOf(key, "hex")).toBe(
      "66687aadf862bd776c8fc18b8e9f8e20089714856ee233b3902a591d0d5f2925",
    );
  });
});

/** The control plane's half, written from the description in keys.ts alone. */
function seal(secret: string, recipient: string): string {
  const ephemeral = makeKeyPair("x25519");
  const shared = diffieHellman({
    privateKey: privateKeyOf("x25519", ephemeral.privateKey),
    publicKey: publicKeyOf("x25519", recipient),
  });
  const salt = Buffer.concat([Buffer.from(ephemeral.publicKey, "base64"), Buffer.from(recipient, "base64")]);
  const key = Buffer.from(hkdfSync("sha256", shared, salt, "mailstead-sealed-secret", 32));
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  const body = Buffer.concat([cipher.update(secret, "utf8"), cipher.final()]);
  return Buffer.concat([
    Buffer.from(ephemeral.publicKey, "base64"),
    nonce,
    body,
    cipher.getAuthTag(),
  ]).toString("base64");
}
