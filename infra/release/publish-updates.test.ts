import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readChain } from "@mailstead/core/agent-updates";
import fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";
import { isSignedBy, makeKeyFile, rawKey } from "./key-text.ts";
import { type Offer, offerVersion, publishUpdates } from "./publish-updates.ts";
import { certificateName, keyFilesOf, provideReleaseKeys } from "./release-keys.ts";

const daySeconds = 86_400;
const start = 1_800_000_000;
const file = (name: string) => ({ file: `v/${name}`, sha256: "ab".repeat(32), sizeBytes: 3 });
const files = { updater: file("updater"), agents: { "linux-x64": file("agent.gz") } };

test("numbers of offers only grow, whatever is built in whatever order", () => {
  const build = fc.record({
    version: fc.constantFrom("1.0.0", "1.1.0", "1.2.0"),
    rollsBackFrom: fc.option(fc.subarray(["1.0.0", "1.1.0", "1.2.0"])),
    nowUnixSeconds: fc.integer({ min: start, max: start + 10 }),
  });
  fc.assert(
    fc.property(fc.array(build), (builds) => {
      let offers: readonly Offer[] = [];
      for (const request of builds) offers = offerVersion(offers, request).offers;
      const numbers = offers.map(({ number }) => number);
      expect(numbers).toEqual([...new Set(numbers)].toSorted((one, other) => one - other));
      // What was offered before comes back only as a rollback.
      for (const [index, { version, rollsBackFrom }] of offers.entries())
        if (rollsBackFrom === null)
          expect(offers.slice(0, index).some((earlier) => earlier.version === version)).toBe(false);
    }),
  );
});

test("what is published leads from the root key to the newest version", () => {
  const { publish, read } = openFolder();
  const { number } = publish({ version: "1.0.0" });
  expect(read()).toMatchObject({
    kind: "good",
    manifest: {
      number,
      version: "1.0.0",
      rollsBackFrom: null,
      unattendedFrom: start + 14 * daySeconds,
      ...files,
    },
  });
  expect(read("1.0.0/agent-manifest")).toEqual(read());
});

test("an updater that knows the token's key only is led to the same version", () => {
  const { publish, text, signingKey } = openFolder();
  publish({ version: "1.0.0" });
  const documents = { delegation: text("release-key"), manifest: text("agent-manifest") };
  expect(readChain(documents, signingKey, isSignedBy)).toMatchObject({
    kind: "good",
    manifest: { version: "1.0.0" },
  });
});

test("papers that lead nowhere any more are taken away, and nothing else", () => {
  const { publish, text, folder } = openFolder();
  const [old, key] = [`release-key-by-${"a".repeat(64)}`, "release-key.pem"];
  for (const name of [old, key]) writeFileSync(join(folder, name), "left");
  publish({ version: "1.0.0" });
  expect(existsSync(join(folder, old))).toBe(false);
  expect(text(key)).toBe("left");
});

test("a manifest stays as it is from build to build, and is signed anew before it is old", () => {
  const { publish, text } = openFolder();
  const { number } = publish({ version: "1.0.0" });
  const first = text("agent-manifest");
  publish({ version: "1.0.0", nowUnixSeconds: start + daySeconds });
  expect(text("agent-manifest")).toBe(first);
  expect(publish({ version: "1.0.0", nowUnixSeconds: start + 40 * daySeconds }).number).toBe(number);
  expect(text("agent-manifest")).toContain(`expires ${start + 220 * daySeconds}\n`);
  expect(text("agent-manifest")).toContain(`unattended-from ${start + 14 * daySeconds}\n`);
});

test("a build of what was offered before leaves hosts with the newest, until it is told to lead them back", () => {
  const { publish, read } = openFolder();
  publish({ version: "1.0.0" });
  publish({ version: "1.1.0" });
  expect(publish({ version: "1.0.0" }).problem).toMatch(
    /^Agent 1\.0\.0 was offered before agent 1\.1\.0, .* --roll-back-from 1\.1\.0$/,
  );
  expect(read()).toMatchObject({ manifest: { version: "1.1.0" } });
  const { number, problem } = publish({ version: "1.0.0", rollsBackFrom: ["1.1.0"] });
  expect(problem).toBeNull();
  expect(read()).toMatchObject({ manifest: { version: "1.0.0", number, rollsBackFrom: ["1.1.0"] } });
  publish({ version: "1.0.0" });
  expect(read()).toMatchObject({ manifest: { version: "1.0.0", number, rollsBackFrom: ["1.1.0"] } });
});

function openFolder() {
  const folder = mkdtempSync(join(tmpdir(), "mailstead-offers-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const signingKey = makeKeyFile(join(folder, "keys/signing-key.pem"));
  const keysAt = (nowUnixSeconds: number) =>
    provideReleaseKeys({
      files: keyFilesOf(join(folder, "keys/release-key.pem")),
      signingKey,
      nowUnixSeconds,
    });
  const text = (path: string) => readFileSync(join(folder, path), "utf8");
  return {
    folder,
    text,
    signingKey: rawKey(signingKey),
    publish(request: { version: string; rollsBackFrom?: readonly string[]; nowUnixSeconds?: number }) {
      mkdirSync(join(folder, request.version), { recursive: true });
      const { nowUnixSeconds = start } = request;
      return publishUpdates({
        ...{ releasesDir: folder, keys: keysAt(nowUnixSeconds), files },
        request: { rollsBackFrom: null, ...request, nowUnixSeconds },
      });
    },
    read(path = "agent-manifest") {
      const { rootKey } = keysAt(start);
      return readChain(
        { delegation: text(certificateName(rootKey)), manifest: text(path) },
        rootKey,
        isSignedBy,
      );
    },
  };
}
