import { generateKeyPairSync } from "node:crypto";
import { expect, test } from "vitest";
import { rsaBitsOfRecord } from "./rsa-bits.ts";

const keyOf = (modulusLength: number, type: "spki" | "pkcs1") =>
  generateKeyPairSync("rsa", { modulusLength }).publicKey.export({ type, format: "der" }).toString("base64");

test.each([512, 1024, 2048, 4096])("a published key of %i bits is measured as that", (bits) => {
  expect(rsaBitsOfRecord(`v=DKIM1; k=rsa; p=${keyOf(bits, "spki")}`)).toBe(bits);
  expect(rsaBitsOfRecord(`p=${keyOf(bits, "pkcs1").replace(/(.{40})/g, "$1 ")}`)).toBe(bits);
});

test.each(["", "v=DKIM1; p=", "v=DKIM1; k=ed25519; p=AAAA", "p=%%%", "p=MIGf", "p=AAAA", "v=spf1 -all"])(
  "what is no RSA key has no size: %s",
  (record) => {
    expect(rsaBitsOfRecord(record)).toBeNull();
  },
);
