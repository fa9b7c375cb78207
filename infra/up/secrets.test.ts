import { createPrivateKey, createPublicKey } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { provideSecrets, provideSigningKey } from "./secrets.ts";

test("secrets are made once, are the same ever after, and are readable by their owner only", () => {
  const folder = makeFolder();
  const made = provideSecrets(folder);
  expect(Buffer.from(made.masterKey, "base64")).toHaveLength(32);
  expect(provideSecrets(folder)).toEqual(made);
  expect(statSync(join(folder, "secrets.json")).mode & 0o777).toBe(0o600);
});

test("an installation from before the gateway had a password of its own gets one, and keeps the rest", () => {
  const folder = makeFolder();
  const { gatewayPassword: _, ...older } = provideSecrets(folder);
  writeFileSync(join(folder, "secrets.json"), JSON.stringify(older));
  const upgraded = provideSecrets(folder);
  expect(upgraded).toEqual({ ...older, gatewayPassword: expect.stringMatching(/^.{32}$/) });
  expect(provideSecrets(folder)).toEqual(upgraded);
});

test("damaged secrets are refused and not replaced, because new ones open nothing", () => {
  const folder = makeFolder();
  writeFileSync(join(folder, "secrets.json"), '{"masterKey":');
  expect(() => provideSecrets(folder)).toThrow(/is damaged; restore it from a backup/);
  expect(readFileSync(join(folder, "secrets.json"), "utf8")).toBe('{"masterKey":');
});

test("the signing key is made once, and its public half belongs to it", () => {
  const folder = makeFolder();
  const files = provideSigningKey(folder);
  const privatePem = readFileSync(files.privateKeyFile, "utf8");
  expect(provideSigningKey(folder)).toEqual(files);
  expect(readFileSync(files.privateKeyFile, "utf8")).toBe(privatePem);
  expect(statSync(files.privateKeyFile).mode & 0o777).toBe(0o600);
  const publicPem = createPublicKey(createPrivateKey(privatePem)).export({ type: "spki", format: "pem" });
  expect(readFileSync(files.publicKeyFile, "utf8")).toBe(publicPem);
});

test("a damaged signing key is refused and not replaced, because enrolled hosts obey no other", () => {
  const folder = makeFolder();
  const { privateKeyFile } = provideSigningKey(folder);
  const half = readFileSync(privateKeyFile, "utf8").slice(0, 60);
  writeFileSync(privateKeyFile, half);
  expect(() => provideSigningKey(folder)).toThrow(
    `${privateKeyFile} is damaged; restore it from a backup, since enrolled hosts obey no other key.`,
  );
  expect(readFileSync(privateKeyFile, "utf8")).toBe(half);
});

function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "mailstead-secrets-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}
