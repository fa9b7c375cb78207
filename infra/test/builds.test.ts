import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { runBuilds } from "./builds.ts";

test("a build that fails is named, and the others are made all the same", async () => {
  const root = mkdtempSync(join(tmpdir(), "mailstead-builds-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  mkdirSync(join(root, "node_modules/.bin"), { recursive: true });
  symlinkSync(process.execPath, join(root, "node_modules/.bin/node"));
  writeFileSync(join(root, "broken.js"), "process.exit(3)");
  writeFileSync(join(root, "whole.js"), "");
  expect(await runBuilds(root, ["broken.js", "whole.js"])).toEqual([
    "broken.js ended with 3, so what it builds is old or missing; that counts as one failure.",
  ]);
});
