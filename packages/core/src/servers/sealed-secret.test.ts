import { createDecipheriv, createPrivateKey, createPublicKey, diffieHellman, hkdfSync } from "node:crypto";
import { expect, test } from "vitest";
import { sealedSecretSchema } from "./index.ts";
import { sealedSecretExample as example } from "./sealed-secret.fixture.ts";

test("the example opens by the layout that sealedSecretSchema documents", () => {
  const bytes = Buffer.from(sealedSecretSchema.parse({ box: example.box }).box, "base64");
  const ephemeral = bytes.subarray(0, 32);
  const shared = diffieHellman({
    // RFC 8410 §7: the DER that stands before the 32 raw bytes of a private key.
    privateKey: createPrivateKey({
      key: Buffer.concat([
        Buffer.from("302e020100300506032b656e04220420", "hex"),
        Buffer.from(example.privateKey, "base64"),
      ]),
      format: "der",
      type: "pkcs8",
    }),
    publicKey: createPublicKey({
      key: { kty: "OKP", crv: "X25519", x: ephemeral.toString("base64url") },
      format: "jwk",
    }),
  });
  const salt = Buffer.concat([ephemeral, Buffer.from(example.publicKey, "base64")]);
  const key = Buffer.from(hkdfSync("sha256", shared, salt, "mailstead-sealed-secret", 32));
  const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(32, 44));
  decipher.setAuthTag(bytes.subarray(-16));
  const opened = Buffer.concat([decipher.update(bytes.subarray(44, -16)), decipher.final()]);
  expect(opened.toString("utf8")).toBe(example.text);
});
