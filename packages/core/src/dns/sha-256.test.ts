import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sha256Hex } from "./sha-256.ts";

describe("SHA-256", () => {
  it("of a text of any length is what every other implementation says", () => {
    const ascii = fc.string({ unit: "binary-ascii", maxLength: 300 });
    fc.assert(
      fc.property(ascii, (text) => {
        expect(sha256Hex(text)).toBe(createHash("sha256").update(text, "latin1").digest("hex"));
      }),
    );
    for (let length = 0; length <= 130; length += 1)
      expect(sha256Hex("a".repeat(length))).toBe(
        createHash("sha256").update("a".repeat(length)).digest("hex"),
      );
  });

  it("refuses a text whose octets are a matter of opinion", () => {
    expect(() => sha256Hex("mü")).toThrow("character 2");
  });
});
