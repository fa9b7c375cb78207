import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { zoneNameSchema } from "@mailstead/core/zones";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { Host } from "../platform/host.ts";
import { openFakeHost } from "../testing/fake-host.ts";
import { rollZoneKey } from "./roll-zone-key.ts";

const zone = zoneNameSchema.parse("alpha.example");
const line = (flags: number) => `[${zone}.] ${zone}. 3600 DNSKEY ${flags} 3 13 a3Nr\n`;
let root: string;
let asked: string[];
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "roll-"));
  asked = [];
});
afterEach(() => rmSync(root, { recursive: true }));

/** A host on which Knot shows these keys of the zone, or does not run. */
const hostWith = (keys: string | null): Host => ({
  ...openFakeHost(root),
  run: async (argv) => {
    asked.push(argv.join(" "));
    return keys === null
      ? { exitCode: 1, stdout: "", stderr: "error: failed to connect", hasTimedOut: false }
      : { exitCode: 0, stdout: argv[1] === "zone-read" ? keys : "OK\n", stderr: "", hasTimedOut: false };
  },
});

it("Knot is told to roll the key of exactly this zone", async () => {
  expect(await rollZoneKey(hostWith(line(256) + line(257)), { zone })).toEqual({ wasRolling: false });
  expect(asked.at(-1)).toBe(`knotc zone-key-rollover ${zone} ksk`);
});

it("a key that is being rolled already is left alone, so that an order may be run again", async () => {
  expect(await rollZoneKey(hostWith(line(257) + line(257)), { zone })).toEqual({ wasRolling: true });
  expect(asked).toHaveLength(1);
});

it("a Knot that does not answer is a failure that may pass", async () => {
  await expect(rollZoneKey(hostWith(null), { zone })).rejects.toMatchObject({
    message: expect.stringContaining("failed to connect"),
  });
});
