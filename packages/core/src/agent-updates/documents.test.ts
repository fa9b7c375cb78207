import { expect, test } from "vitest";
import {
  delegationText,
  type Manifest,
  manifestText,
  parseDelegation,
  parseManifest,
  parseRootKey,
  rootKeyText,
} from "./documents.ts";
import { followRootKeys, readChain, withSignature } from "./read-chain.ts";

const file = (name: string) => ({ file: `1.2.3/${name}`, sha256: "ab".repeat(32), sizeBytes: 52 });
const release: Manifest = {
  number: 7,
  channel: "stable",
  version: "1.2.3",
  created: 100,
  expires: 900,
  unattendedFrom: 400,
  updater: file("updater"),
  agents: { "linux-x64": file("x.gz"), "linux-arm64": file("a.gz") },
  rollsBackFrom: null,
};
const rollback: Manifest = { ...release, rollsBackFrom: ["1.2.4", "1.2.5"] };
const key = `${"K".repeat(43)}=`;
const delegation = { sequence: 3, key, notBefore: 1, expires: 99 };

test("a manifest is a fact a line", () => {
  expect(manifestText(rollback)).toBe(`mailstead-agent-manifest
number 7
channel stable
kind rollback
version 1.2.3
created 100
expires 900
unattended-from 400
updater-file 1.2.3/updater
updater-sha256 ${"ab".repeat(32)}
updater-size 52
linux-arm64-file 1.2.3/a.gz
linux-arm64-sha256 ${"ab".repeat(32)}
linux-arm64-size 52
linux-x64-file 1.2.3/x.gz
linux-x64-sha256 ${"ab".repeat(32)}
linux-x64-size 52
from 1.2.4
from 1.2.5
`);
});

test("what is written is read as it was", () => {
  for (const manifest of [release, rollback]) expect(parseManifest(manifestText(manifest))).toEqual(manifest);
  expect(parseDelegation(delegationText(delegation))).toEqual(delegation);
});

test.each([
  ["another title", (text: string) => text.replace("manifest", "release")],
  ["no number", (text: string) => text.replace("number 7\n", "")],
  ["a number that is none", (text: string) => text.replace("number 7", "number 7e3")],
  ["a fact twice", (text: string) => text.replace("number 7\n", "number 7\nnumber 8\n")],
  ["a fact that nobody knows", (text: string) => `${text}shell reboot\n`],
  ["a path that leads out of the folder", (text: string) => text.replace("1.2.3/x.gz", "../x.gz")],
  ["a version with a path in it", (text: string) => text.replace("version 1.2.3", "version ../1")],
  ["a release that names where it leads back from", (text: string) => `${text}from 1.2.4\n`],
  ["no end of its last line", (text: string) => text.trimEnd()],
])("a text with %s is no manifest", (_what, change) => {
  expect(parseManifest(change(manifestText(release)))).toBeNull();
});

const signed = (text: string, by: string) => withSignature(text, `${by.repeat(86)}==`);
const verify = ({ signature, key: asked }: { signature: string; key: string }) =>
  signature.startsWith(asked.slice(0, 1));

test("root keys are followed as far as each is signed by the one before", () => {
  const [one, two, three] = ["1", "2", "3"].map((digit) => `${digit.repeat(43)}=`) as [
    string,
    string,
    string,
  ];
  const follow = (after: Record<string, string>) => followRootKeys(one, (of) => after[of] ?? null, verify);
  expect(follow({})).toEqual({ kind: "good", rootKey: one });
  expect(follow({ [one]: signed(rootKeyText(two), "1"), [two]: signed(rootKeyText(three), "2") })).toEqual({
    kind: "good",
    rootKey: three,
  });
  expect(follow({ [one]: signed(rootKeyText(two), "2") })).toMatchObject({
    sentence: expect.stringMatching(/not signed by the one that this host has pinned/),
  });
  expect(follow({ [one]: signed(delegationText(delegation), "1") }).kind).toBe("broken");
  // Two that name each other end as well.
  expect(follow({ [one]: signed(rootKeyText(two), "1"), [two]: signed(rootKeyText(one), "2") }).kind).toBe(
    "good",
  );
  expect(parseRootKey(rootKeyText(two))).toBe(two);
  for (const text of [`${rootKeyText(two)}key ${one}\n`, rootKeyText("short"), delegationText(delegation)])
    expect(parseRootKey(text)).toBeNull();
});

test("only what the root key leads to is read", () => {
  const documents = {
    delegation: signed(delegationText(delegation), "R"),
    manifest: signed(manifestText(release), "K"),
  };
  expect(readChain(documents, "R", verify)).toMatchObject({ kind: "good", delegation, manifest: release });
  expect(readChain(documents, "S", verify)).toMatchObject({ sentence: expect.stringMatching(/root key/) });
  expect(
    readChain({ ...documents, manifest: signed(manifestText(release), "R") }, "R", verify),
  ).toMatchObject({ sentence: expect.stringMatching(/not signed by the release key/) });
  expect(readChain({ ...documents, manifest: manifestText(release) }, "R", verify).kind).toBe("broken");
});
