import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { isFolder } from "./material.ts";
import { writeSample } from "./sample.testing.ts";
import { scoreFolder } from "./score-folder.ts";

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function sampleFolder(changed?: Readonly<Record<string, string | null>>): string {
  const folder = mkdtempSync(join(tmpdir(), "mailstead-conformance-"));
  folders.push(folder);
  writeSample(folder, changed);
  return folder;
}

function run(...args: readonly string[]) {
  const program = join(import.meta.dirname, "main.ts");
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], { encoding: "utf8" });
  return { status, stdout, stderr: stderr.trim() };
}

const wrongLabel = JSON.stringify({
  src: "zone-mta",
  provider: null,
  code: "552",
  text: "Mailbox full",
  family: "policy",
});

describe("the command", () => {
  test("scores what a folder has, says what it has not, and ends with the same in JSON", () => {
    const { status, stdout, stderr } = run(sampleFolder());
    expect(stderr).toBe("");
    expect(status, stdout).toBe(0);
    expect(stdout).toMatch(/^smtp-replies +Gmail and general replies +1 +1 +100\.0 % +95\.0 % +reached$/m);
    expect(stdout).toContain("Not there, and not scored: feedback-reports, tls-rpt.");
    const told = JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
    expect(told).toMatchObject({ holds: true, absent: ["feedback-reports", "tls-rpt"], notes: [] });
    expect(told.rows.filter(({ share }: { share: number | null }) => share !== null && share < 1)).toEqual(
      [],
    );
  });

  test("ends with 1 where a floor is missed, and shows wrong answers when asked", () => {
    const { status, stdout } = run(
      sampleFolder({ "smtp-replies/replies.jsonl": wrongLabel }),
      "--wrong",
      "1",
    );
    expect(status).toBe(1);
    expect(stdout).toMatch(/Gmail and general replies +0 +1 +0\.0 % +95\.0 % +MISSED/);
    expect(stdout).toContain("mailbox-full (full), not policy: 552 Mailbox full");
  });

  test.each<[string, readonly string[], RegExp]>([
    ["a folder that is not there", ["/nowhere/at/all"], /^\/nowhere\/at\/all is not there, or holds no set/],
    ["a folder without a set", [import.meta.dirname], /is not there, or holds no set/],
    ["a number that is none", ["--wrong", "few"], /^--wrong takes a number/],
    ["an option that it does not have", ["--fast"], /--fast/],
    ["two folders", ["a", "b"], /^Give one folder/],
  ])("refuses %s in one sentence", (_what, args, sentence) => {
    const { status, stdout, stderr } = run(...args);
    expect(status).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toMatch(sentence);
    expect(stderr).not.toContain("\n");
  });
});

test("files that are broken or missing are noted, and the others are scored", async () => {
  const conformance = await scoreFolder(
    sampleFolder({
      "smtp-replies/replies.jsonl": `\u0000\u0001 {\n${wrongLabel}`,
      "bounces-a/eml/one.eml": null,
      "tls-rpt/expected.json": "{",
      "postfix-logs/one.log": "\u0000\u0000",
      "dmarc-aggregate/one.xml": "",
    }),
  );
  expect(conformance?.notes).toEqual([
    expect.stringContaining("bounces-a: eml/one.eml"),
    expect.stringContaining("smtp-replies: replies.jsonl, line 1"),
    expect.stringContaining("tls-rpt: expected.json"),
  ]);
  const shareOf = (set: string, name: string) =>
    conformance?.rows.find((row) => row.set === set && row.score.includes(name))?.share;
  expect(shareOf("smtp-replies", "Gmail")).toBe(0);
  expect(shareOf("bounces-a", "feedback type")).toBe(1);
  expect(shareOf("bounces-a", "family")).toBe(null);
  expect(shareOf("dmarc-aggregate", "sums")).toBe(0);
  expect(shareOf("all sets", "malformed")).toBe(1);
});

// Lies beside the checkout, not in it.
const shared = resolve(import.meta.dirname, "../../../shared/datasets");
const isHere = isFolder(shared);

/** Scores that have no floor, held where they are. */
const least: Readonly<Record<string, number>> = {
  "recipients found": 0.99,
  status: 0.98,
  "feedback type": 1,
  "other mail is not called a bounce": 1,
  "read alike with other line ends": 1,
  "bounces are called bounces": 0.98,
  "standard reason": 0.9,
  addresses: 1,
  "read without a crash": 1,
  "complaints are known": 1,
  "delivery reports name recipient and status": 1,
  "of them, sisimai-rhost": 0.85,
  "of them, postalsys": 0.95,
  "known as reports of their kind": 1,
  "verdicts of the suite of RFC 7208": 1,
  "policies of real domains match their hosts, and no others": 1,
  "deliveries as another tracker has them": 0.86,
  "registrable domains": 1,
};

describe.skipIf(!isHere)(
  `material of others${isHere ? "" : " (skipped: ../shared/datasets is not here)"}`,
  () => {
    test("is read as well as promised", async () => {
      const conformance = await scoreFolder(shared);
      expect(conformance).toMatchObject({ absent: [], notes: [] });
      for (const { set, score, share, floor, wrong } of conformance?.rows ?? [])
        expect(share, `${set}, ${score}:\n${wrong.join("\n")}`).toBeGreaterThanOrEqual(
          floor ?? least[score] ?? 0,
        );
    });
  },
);
