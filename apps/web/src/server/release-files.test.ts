import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { delegationText, withSignature } from "@mailstead/core/agent-updates";
import { expect, onTestFinished, test } from "vitest";
import { readReleaseKeyEnd, readReleaseStanding, releaseAwaited, releasePath } from "./release-files.ts";

test.each([
  [["0.1.0", "mailstead-agent-linux-x64.gz"], "/srv/releases/0.1.0/mailstead-agent-linux-x64.gz"],
  [["..", "signing-key.pem"], null],
  [["0.1.0", "..", "..", "etc"], null],
  [[".hidden"], null],
  [["a/b"], null],
  [["a\0b"], null],
  [[], null],
])("%j leads to %s", (segments, file) => {
  expect(releasePath("/srv/releases", segments)).toBe(file);
});

test("a release is awaited until its statement is there", async () => {
  const parent = await mkdtemp(join(tmpdir(), "mailstead-releases-"));
  onTestFinished(() => rm(parent, { recursive: true }));
  const folder = join(parent, "releases");
  expect(await readReleaseStanding(folder)).toBe("awaited");
  await mkdir(join(folder, "0.1.0"), { recursive: true });
  await writeFile(join(folder, "signing-key.pem"), "key");
  expect(await readReleaseStanding(folder)).toBe("awaited");
  await writeFile(join(folder, "linux-x64.release"), "statement");
  // One from before hosts asked for the certificate of the release key is built once more.
  expect(await readReleaseStanding(folder)).toBe("awaited");
  await writeFile(join(folder, `release-key-by-${"a".repeat(64)}`), "certificate");
  expect(await readReleaseStanding(folder)).toBe("ready");
});

test("the end of the release key is told in its last three months, and that it is over", async () => {
  const folder = await mkdtemp(join(tmpdir(), "mailstead-releases-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const dayMs = 86_400_000;
  const endsAt = new Date("2027-06-01T00:00:00Z");
  const before = (days: number) => readReleaseKeyEnd(new Date(endsAt.getTime() - days * dayMs), folder);
  expect(await readReleaseKeyEnd(endsAt, join(folder, "nothing"))).toBeNull();
  expect(await before(0)).toBeNull();
  const key = `${"K".repeat(43)}=`;
  const text = delegationText({ sequence: 1, key, notBefore: 0, expires: endsAt.getTime() / 1000 });
  await writeFile(join(folder, `release-key-by-${"a".repeat(64)}`), withSignature(text, "s"));
  expect(await before(91)).toBeNull();
  expect(await before(89)).toEqual({ endsAt, hasEnded: false });
  expect(await before(0)).toEqual({ endsAt, hasEnded: true });
});

test("a host that asks too early is told when to ask again", async () => {
  const answer = releaseAwaited();
  expect([answer.status, answer.headers.get("retry-after")]).toEqual([503, "30"]);
  expect(await answer.text()).toBe("The agent is still being built; try again in 30 seconds.\n");
});
