import type { HealthCheck } from "@mailstead/core/updates";
import { z } from "zod";
import { readUnits } from "../observe/units.ts";
import type { Host } from "../platform/host.ts";
import { parseJson } from "../platform/parse-json.ts";
import { readFact, withStore, writeFact } from "../telemetry/store.ts";
import { badCheck, okCheck } from "./health-checks.ts";

const factName = "restarts at last mail check";
const lookSchema = z.object({ at: z.number(), restarts: z.record(z.string(), z.int()) });
type Look = z.infer<typeof lookSchema>;

// What fell over longer ago, and runs since, runs.
const recentMs = 15 * 60_000;

/**
 * Whether the units run that the target state wants, and none has fallen over of late. How often systemd has brought each
 * back is kept for the next look; a unit that fell since the last one is bad while that is fresh, and told else.
 */
export async function checkUnits(
  host: Host,
  { wanted, storePath }: { wanted: readonly string[]; storePath: string },
): Promise<HealthCheck> {
  const now = host.nowUnixMs();
  const states = await readUnits(host, wanted);
  const restarts = Object.fromEntries(wanted.map((unit) => [unit, states[unit]?.restarts ?? 0]));
  const last = await exchangeLook(storePath, { at: now, restarts });
  const down = wanted.filter((unit) => states[unit]?.isActive !== true);
  const since = (unit: string) => (restarts[unit] ?? 0) - (last?.restarts[unit] ?? restarts[unit] ?? 0);
  const fallen = wanted.filter((unit) => since(unit) > 0);
  const fresh = fallen.filter((unit) => now - (states[unit]?.sinceUnixMs ?? 0) < recentMs);
  const told = fallen.map((unit) => `${unit} ${times(since(unit))} (NRestarts ${restarts[unit]})`).join(", ");
  const brought = fallen.length === 0 ? "" : ` systemd had to bring back since the last look: ${told}.`;
  if (down.length === 0 && fresh.length === 0)
    return okCheck("units", `All ${wanted.length} services run.${brought}`);
  const words = down.map(
    (unit) =>
      `${unit} ${states[unit]?.isFailed ? "fails" : "does not run"} (${states[unit]?.subState || "unknown"})`,
  );
  return badCheck("units", `${down.length === 0 ? "All run, but" : `${words.join(", ")}.`}${brought}`, [
    ...down,
    ...fresh.map((unit) => `${unit} fell, ${restarts[unit]}`),
  ]);
}

function times(count: number): string {
  return count === 1 ? "once" : `${count} times`;
}

/** Keeps this look, and gives the last one; null where there was none. */
async function exchangeLook(storePath: string, look: Look): Promise<Look | null> {
  return await withStore(storePath, (database) => {
    const parsed = lookSchema.safeParse(parseJson(readFact(database, factName) ?? ""));
    writeFact(database, factName, JSON.stringify(look));
    return parsed.success ? parsed.data : null;
  });
}
