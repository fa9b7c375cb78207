import type { Plant } from "../delivery/plant.ts";
import { type BenchFleet, openBenchFleet } from "./fleet/bench-fleet.ts";
import { connectedMeasures, measureBare, watchGateway } from "./fleet/connected.ts";
import { measureDispatch } from "./fleet/dispatch.ts";
import { residentMiB } from "./fleet/memory.ts";
import { measureQueueLost } from "./fleet/queue-lost.ts";
import { measureRestarts } from "./fleet/restart.ts";
import { measureHalt, measureRollout } from "./fleet/rollout.ts";
import { type FleetBenchSize, type FleetPart, readFleetBenchSize, whyNotSoLarge } from "./fleet/size.ts";
import { measureSteady } from "./fleet/steady.ts";
import { measureTwoGateways } from "./fleet/two-gateways.ts";
import type { Bench, Measure } from "./measure.ts";

type Log = (line: string) => void;

/** A minute of telemetry of the whole fleet, and as much again. */
const watchForMs = 90_000;

/**
 * What a gateway, a worker and Postgres bear of a large fleet: memory, orders, rollouts, restarts and losses. `--agents=N`, `--jobs=N` and
 * `--rows=N` make it smaller, `--only=connected,dispatch` measures these parts.
 */
export const fleetBench: Bench = {
  name: "fleet",
  isOnRequest: true,
  whyNot() {
    try {
      return whyNotSoLarge(readSize());
    } catch (problem) {
      return (problem as Error).message;
    }
  },
  async run(log) {
    const size = readSize();
    const has = (...parts: FleetPart[]) => parts.some((part) => size.parts.includes(part));
    const measures: Measure[] = [];
    if (size.parts.some((part) => part !== "two-gateways"))
      measures.push(...(await measureOneGateway(size, log)));
    if (has("two-gateways")) {
      const place = await openBenchFleet(size, { gateways: 2, log });
      try {
        measures.push(...(await measureTwoGateways(place, size, log)));
      } finally {
        await place.close();
      }
    }
    return measures;
  },
};

const readSize = () => readFleetBenchSize(process.argv.slice(2));

async function measureOneGateway(size: FleetBenchSize, log: Log): Promise<Measure[]> {
  const measures: Measure[] = [];
  // Told as it comes: a run of a large fleet takes long, and may not come to its end.
  const keep = (found: readonly Measure[]) => {
    for (const { name, value, unit, note } of found)
      log(`${name}: ${value?.toFixed(1)} ${unit} (${note ?? ""})`);
    measures.push(...found);
  };
  const bare = { behindDoor: [] as number[], ownTls: [] as number[] };
  const measureBareOnce = async () => {
    bare.behindDoor.push((await measureBare(size, { hasOwnTls: false })).perAgentKiB);
    bare.ownTls.push((await measureBare(size, { hasOwnTls: true })).perAgentKiB);
    log(
      `bare ws: ${bare.behindDoor.at(-1)?.toFixed(1)} KiB per socket behind doors, ${bare.ownTls.at(-1)?.toFixed(1)} KiB with TLS of its own`,
    );
  };
  const isMemoryWanted = size.parts.includes("connected");
  if (isMemoryWanted) await measureBareOnce();
  let beforeMiB = 0;
  const onReady = ({ gateways }: Plant) => {
    beforeMiB = residentMiB(gateways[0]?.pid ?? 0);
  };
  const place = await openBenchFleet(size, { gateways: 1, log, onReady });
  try {
    const watched = isMemoryWanted ? watchGateway(place.gateway().pid, beforeMiB, watchForMs) : null;
    if (size.parts.includes("steady")) keep(await measureSteady(place, size));
    if (size.parts.includes("dispatch")) keep(await measureDispatch(place, size));
    const held = await watched;
    const doorsMiB = place.doors.pids.reduce((sum, pid) => sum + residentMiB(pid), 0);
    const connections = await countConnections(place);
    if (size.parts.includes("rollout")) keep(await measureRollout(place, size, log));
    if (size.parts.includes("halt")) keep(await measureHalt(place, size, log));
    if (size.parts.includes("restart")) keep(await measureRestarts(place, size, log));
    if (size.parts.includes("queue-lost")) keep(await measureQueueLost(place, size, log));
    await place.close();
    if (held === null) return measures;
    await measureBareOnce();
    return [...connectedMeasures({ size, held, bare, doorsMiB, connections }), ...measures];
  } catch (cause) {
    await place.close();
    throw cause;
  }
}

async function countConnections({ database }: BenchFleet): Promise<number> {
  const { rows } = await database.admin.pool.query<{ count: string }>(
    "select count(*) from pg_stat_activity where usename in ('mailstead_gateway', 'mailstead_system')",
  );
  return Number(rows[0]?.count);
}
