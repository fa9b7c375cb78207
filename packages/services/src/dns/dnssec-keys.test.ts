import { describe, expect, test } from "vitest";
import { isGenuine, keyTagOf, type PublicZoneKey, signerDigests } from "./dnssec-keys.ts";

const key = (flags: number, algorithm: number, text: string): PublicZoneKey => ({
  flags,
  algorithm,
  key: Buffer.from(text, "base64"),
});

/** Published keys with the key tag and SHA-256 digest that their publishers computed. */
const known: [string, string, PublicZoneKey, number, string][] = [
  [
    "RFC 4509 §2.3",
    "dskey.example.com",
    key(
      256,
      5,
      "AQOeiiR0GOMYkDshWoSKz9XzfwJr1AYtsmx3TGkJaNXVbfi/2pHm822aJ5iI9BMzNXxeYCmZDRD99WYwYqUSdjMmmAphXdvxegXd/M5+X7OrzKBaMbCVdFLUUh6DhweJBjEVv5f2wwjM9XzcnOf+EPbtG9DMBmADjFDc2w/rljwvFw==",
    ),
    60485,
    "d4b7d520e7bb5f0f67674a0ccEB1e3e0614b93c4f9e99b8383f6a1e4469da50a",
  ],
  [
    "RFC 6605 §6.1",
    "example.net",
    key(257, 13, "GojIhhXUN/u4v54ZQqGSnyhWJwaubCvTmeexv7bR6edbkrSqQpF64cYbcB7wNcP+e+MAnLr+Wi9xMWyQLc8NAA=="),
    55648,
    "b4c8c1fe2e7477127b27115656ad6256f424625bf5c1e2770ce6d6e37df61d17",
  ],
  [
    "the root's key of 2017",
    ".",
    key(
      257,
      8,
      "AwEAAaz/tAm8yTn4Mfeh5eyI96WSVexTBAvkMgJzkKTOiW1vkIbzxeF3+/4RgWOq7HrxRixHlFlExOLAJr5emLvN7SWXgnLh4+B5xQlNVz8Og8kvArMtNROxVQuCaSnIDdD5LKyWbRd2n9WGe2R8PzgCmr3EgVLrjyBxWezF0jLHwVN8efS3rCj/EWgvIWgb9tarpVUDK/b58Da+sqqls3eNbuv7pr+eoZG+SrDK6nWeL3c6H5Apxz7LjVc1uTIdsIXxuOLYA4/ilBmSVIzuDWfdRUfhHdY6+cn8HFRm+2hM8AnXGXws9555KrUB5qihylGa8subX2Nn6UwNR1AkUTV74bU=",
    ),
    20326,
    "e06d44b80b8f1d39a95c0b0d7c65d08458e880409bbc683457104237c7f8ec8d",
  ],
];

describe("a key of a zone", () => {
  test.each(known)("has the tag and the digest of %s", (_source, zone, one, tag, digest) => {
    expect(keyTagOf(one)).toBe(tag);
    expect(signerDigests(zone, one)[2]).toBe(digest.toLowerCase());
  });
});

describe("a signature", () => {
  const [, , signer] = known[1] as (typeof known)[number];
  const signature = {
    typeCovered: "A",
    algorithm: 13,
    labels: 3,
    originalTtl: 3600,
    expiration: Date.UTC(2010, 8, 9, 10, 4, 39) / 1000,
    inception: Date.UTC(2010, 7, 12, 10, 4, 39) / 1000,
    keyTag: 55648,
    signersName: "example.net",
    signature: Buffer.from(
      "qx6wLYqmh+l9oCKTN6qIc+bw6ya+KJ8oMz0YP107epXAyGmt+3SNruPFKG7tZoLBLlUzGGus7ZwmwWep666VCw==",
      "base64",
    ),
  };
  const set = (address: number[]) => ({
    name: "WWW.example.net",
    typeNumber: 1,
    data: [Buffer.from(address)],
  });

  test("of RFC 6605 §6.1 is genuine, whatever the letters of the name are", () => {
    expect(isGenuine(set([192, 0, 2, 1]), signature, signer)).toBe(true);
  });

  test("over other records is not", () => {
    expect(isGenuine(set([192, 0, 2, 2]), signature, signer)).toBe(false);
  });

  test("by an algorithm that nobody knows is neither", () => {
    expect(isGenuine(set([192, 0, 2, 1]), signature, { ...signer, algorithm: 99 })).toBeNull();
  });
});
