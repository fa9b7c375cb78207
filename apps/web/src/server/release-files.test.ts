import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { readReleaseStanding, releaseAwaited, releasePath } from "./release-files.ts";

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
  expect(await readReleaseStanding(folder)).toBe("ready");
});

test("a host that asks too early is told when to ask again", async () => {
  const answer = releaseAwaited();
  expect([answer.status, answer.headers.get("retry-after")]).toEqual([503, "30"]);
  expect(await answer.text()).toBe("The agent is still being built; try again in 30 seconds.\n");
});
