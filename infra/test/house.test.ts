import { resolve } from "node:path";
import { expect, test } from "vitest";
import { sourceChecks } from "../checks/all-checks.ts";

const root = resolve(import.meta.dirname, "../..");

test.each(sourceChecks(root))("$promise", { timeout: 600_000 }, async (check) => {
  expect(await check.find(root)).toEqual([]);
});
