import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import type { Host } from "../platform/host.ts";
import { closeStores } from "../telemetry/store.ts";
import { checkUnits } from "./check-units.ts";

const now = Date.parse("2026-11-30T12:00:00Z");
let storePath: string;
beforeEach(() => {
  const folder = mkdtempSync(join(tmpdir(), "mailstead-units-"));
  storePath = join(folder, "telemetry.sqlite");
  return () => {
    closeStores();
    rmSync(folder, { recursive: true });
  };
});

interface Unit {
  isActive?: boolean;
  restarts?: number;
  sinceMs?: number;
}

/** A look at a host of which systemd says this. */
function look(units: Readonly<Record<string, Unit>>) {
  const stdout = Object.values(units)
    .map(
      ({ isActive = true, restarts = 0, sinceMs = now - 3_600_000 }) =>
        `LoadState=loaded\nActiveState=${isActive ? "active" : "failed"}\nSubState=${isActive ? "running" : "failed"}\nStateChangeTimestamp=@${sinceMs / 1000}\nNRestarts=${restarts}\n`,
    )
    .join("\n");
  const host = {
    nowUnixMs: () => now,
    run: async () => ({ exitCode: 0, stdout, stderr: "", hasTimedOut: false }),
  } as unknown as Host;
  return checkUnits(host, { wanted: Object.keys(units), storePath });
}

test("a unit that does not run is named", async () => {
  expect(await look({ "a.service": {}, "b.service": { isActive: false } })).toMatchObject({
    state: "bad",
    sentence: "b.service fails (failed).",
    faults: ["b.service"],
  });
});

test("a unit that systemd brings back again and again is bad at each look, by a fault of its own", async () => {
  const fell = (restarts: number) => ({ "a.service": { restarts, sinceMs: now - 5_000 } });
  expect((await look(fell(3))).state).toBe("ok");
  expect(await look(fell(4))).toMatchObject({ state: "bad", faults: ["a.service fell, 4"] });
  expect(await look(fell(6))).toMatchObject({
    faults: ["a.service fell, 6"],
    sentence: "All run, but systemd had to bring back since the last look: a.service 2 times (NRestarts 6).",
  });
  expect((await look(fell(6))).state).toBe("ok");
});

test("a unit that fell long ago and runs since is told and not bad, and one that was restarted by hand is neither", async () => {
  await look({ "a.service": { restarts: 1 }, "b.service": { restarts: 5 } });
  expect(await look({ "a.service": { restarts: 2 }, "b.service": { restarts: 0 } })).toMatchObject({
    state: "ok",
    sentence:
      "All 2 services run. systemd had to bring back since the last look: a.service once (NRestarts 2).",
  });
});
