import { setTimeout as wait } from "node:timers/promises";
import { waitFor } from "../../lab/wait-for.ts";
import type { Measure } from "../measure.ts";
import { type BenchFleet, portsOf } from "./bench-fleet.ts";
import { beginOrdering, type JobsTruth, readTruth } from "./ordering.ts";
import type { FleetBenchSize } from "./size.ts";

const reconnectMaxS = 120;
const perSecond = 10;
const beforeMs = 5_000;
const lastingMs = 35_000;

/** How the only gateway goes: in order, as `systemctl restart` does it, or at once. */
const ways = [
  { signal: "SIGTERM", name: "restarted" },
  { signal: "SIGKILL", name: "killed and started again" },
] as const;

/** How long the fleet takes to come back after its gateway went, while people go on clicking. */
export async function measureRestarts(
  place: BenchFleet,
  size: FleetBenchSize,
  log: (line: string) => void,
): Promise<Measure[]> {
  const measures: Measure[] = [];
  for (const { signal, name } of ways) {
    // Sooner, agents take it for a gateway that welcomes them and cannot keep them, and wait ever longer.
    await wait(lastingMs);
    const ordering = beginOrdering(place, perSecond);
    await wait(beforeMs);
    const tookS = await replaceGateway(place, signal);
    const clicks = await ordering.end();
    const truth = await readTruth(
      place,
      clicks.map(({ jobId }) => jobId),
    );
    log(
      `all ${size.agents} are back ${tookS.toFixed(1)} s after the gateway was ${name}; ${describeTruth(truth)}`,
    );
    measures.push(
      {
        name: `${size.agents} agents connected again after the gateway was ${name}`,
        unit: "s",
        value: tookS,
        aim: { kind: "at-most", value: reconnectMaxS },
        runs: 1,
        note: `${place.fleet.tally().busy} times one was told to come later, since the fleet began`,
      },
      ...truthMeasures(`jobs of ${clicks.length} while it was ${name}`, truth),
    );
  }
  return measures;
}

/** Ends the gateway and starts another; resolves, in seconds since the end began, when the fleet is connected again. */
async function replaceGateway(place: BenchFleet, signal: "SIGTERM" | "SIGKILL"): Promise<number> {
  const { plant, doors, fleet } = place;
  const { welcomes, connected } = fleet.tally();
  const begunAtMs = performance.now();
  const gone = place.gateway().kill(signal);
  await gone;
  await plant.startGateway();
  doors.lead(portsOf(plant.gateways));
  // What the processes tell is a moment old: until then they still count the connections that have gone.
  await waitFor("the fleet to come back", () => fleet.tally().welcomes >= welcomes + connected * 0.99, {
    timeoutMs: 300_000,
  });
  await place.untilConnected();
  return (performance.now() - begunAtMs) / 1000;
}

export function describeTruth({ lost, doubled, settledS }: JobsTruth): string {
  return `${lost} jobs lost, ${doubled} run twice, the last ended ${settledS.toFixed(1)} s later`;
}

export function truthMeasures(what: string, { lost, doubled }: JobsTruth): Measure[] {
  const measure = (name: string, value: number): Measure => ({
    name: `${what}: ${name}`,
    unit: "counts",
    value,
    aim: { kind: "at-most", value: 0 },
    runs: 1,
  });
  return [measure("lost", lost), measure("run twice", doubled)];
}
