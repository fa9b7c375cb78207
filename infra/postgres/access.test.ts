import { expect, test } from "vitest";
import { findFreePort } from "./access.ts";

test("nobody is given a port that was given to somebody else, or that is meant for something", async () => {
  // So many that chance alone would have given some twice.
  const ports = await Promise.all(Array.from({ length: 1000 }, () => findFreePort()));
  expect(new Set(ports).size).toBe(ports.length);
  const meant = Array.from({ length: 10_000 }, (_, index) => 20_000 + index);
  expect(await findFreePort(meant)).toBeGreaterThanOrEqual(30_000);
});
