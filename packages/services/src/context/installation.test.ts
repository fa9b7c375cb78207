import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { installationFromEnvironment, signingKeyFingerprint } from "./index.ts";

let folder: string;
let keyFile: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "mailstead-installation-"));
  keyFile = join(folder, "signing.pem");
  writeFileSync(keyFile, generateKeyPairSync("ed25519").publicKey.export({ type: "spki", format: "pem" }));
});
afterAll(() => rmSync(folder, { recursive: true }));

const good = () => ({
  PUBLIC_URL: "https://control.example/",
  MAILSTEAD_SIGNING_PUBLIC_KEY_FILE: keyFile,
  MAILSTEAD_MASTER_KEY: Buffer.alloc(32, 1).toString("base64"),
});

test("an installation knows its addresses and the fingerprint that tokens pin", () => {
  const installation = installationFromEnvironment(good());
  expect(installation).toMatchObject({
    publicUrl: "https://control.example",
    gatewayUrl: "wss://control.example/agent/link",
  });
  expect(signingKeyFingerprint(installation)).toMatch(/^[A-Za-z0-9_-]{43}$/);
});

test.each([
  ["PUBLIC_URL", undefined, "PUBLIC_URL is not set; set it and start again."],
  [
    "SPAMHAUS",
    "a key",
    'SPAMHAUS must be "public" or a key of Spamhaus, which has letters and digits alone.',
  ],
  ["BLOCK_LISTS", "sorbs", 'BLOCK_LISTS has "sorbs"; name lists of barracuda, spamcop, '],
  ["BLOCK_LISTS", "abusix", 'BLOCK_LISTS has "abusix"'],
  ["RDAP_URL", "rdap", 'RDAP_URL is "rdap", which is no address of the web; write it like https://rdap.org.'],
  [
    "MAILSTEAD_MASTER_KEY",
    "c2hvcnQ=",
    "MAILSTEAD_MASTER_KEY must be 32 bytes in base64; it holds 5. Make one with: openssl rand -base64 32",
  ],
])("a wrong %s is one clear sentence", (name, value, sentence) => {
  expect(() => installationFromEnvironment({ ...good(), [name]: value })).toThrow(sentence);
});

test("registers of others are asked only where they are named", () => {
  expect(installationFromEnvironment(good()).outsideSources).toEqual({});
  const named = { ...good(), SPAMHAUS: "public", RDAP_URL: "https://rdap.example/", RPKI_URL: "" };
  expect(installationFromEnvironment(named).outsideSources).toEqual({
    blockLists: { zen: "zen.spamhaus.org", dbl: "dbl.spamhaus.org" },
    rdapUrl: "https://rdap.example",
  });
  expect(installationFromEnvironment({ ...good(), SPAMHAUS: "abc123" }).outsideSources?.blockLists?.zen).toBe(
    "abc123.zen.dq.spamhaus.net",
  );
  const others = { ...good(), BLOCK_LISTS: "spamcop, abusix=key.combined.mail.abusix.zone" };
  expect(installationFromEnvironment(others).outsideSources?.blockLists).toEqual({
    spamcop: "bl.spamcop.net",
    abusix: "key.combined.mail.abusix.zone",
  });
});

test("a key of another kind is refused by the name of its variable", () => {
  writeFileSync(keyFile, generateKeyPairSync("x25519").publicKey.export({ type: "spki", format: "pem" }));
  expect(() => installationFromEnvironment(good())).toThrow(
    /MAILSTEAD_SIGNING_PUBLIC_KEY_FILE .* no Ed25519 key/,
  );
});
