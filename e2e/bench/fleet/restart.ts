import { setTimeout as wait } from "node:timers/promises";
import { waitFor } from "../../lab/wait-for.ts";
import type { Measure } from "../measure.ts";
import { type BenchFleet, portsOf } from "./bench-fleet.ts";
import { openCosts } from "./costs.ts";
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
    const { tookS, note } = await replaceGateway(place, signal);
    const clicks = await ordering.end();
    const truth = await readTruth(
      place,
      clicks.map(({ jobId }) => jobId),
    );
    log(
      `all ${size.agents} are back ${tookS.toFixed(1)} s after the gateway was ${name}; ${note}; ${describeTruth(truth)}`,
    );
    measures.push(
      {
        name: `${size.agents} agents connected again after the gateway was ${name}`,
        unit: "s",
        value: tookS,
        aim: { kind: "at-most", value: reconnectMaxS },
        runs: 1,
        note: `${note}; ${place.fleet.tally().busy} times one was told to come later, since the fleet began`,
      },
      ...truthMeasures(`jobs of ${clicks.length} while it was ${name}`, truth),
    );
  }
  return measures;
}

/** Ends the gateway and starts another; gives the seconds since the end began until the fleet was connected again. */
async function replaceGateway(
  place: BenchFleet,
  signal: "SIGTERM" | "SIGKILL",
): Promise<{ tookS: number; note: string }> {
  const { plant, doors, fleet } = place;
  const { welcomes, connected } = fleet.tally();
  const begunAtMs = performance.now();
  const secondsSince = () => (performance.now() - begunAtMs) / 1000;
  await place.gateway().kill(signal);
  const endedS = secondsSince();
  await plant.startGateway();
  doors.lead(portsOf(plant.gateways));
  const startedS = secondsSince();
  const costs = await openCosts(place);
  const before = costs.read();
  // What the processes tell is a moment old: until then they still count the connections that have gone.
  const untilBack = (share: number) =>
    waitFor("the fleet to come back", () => fleet.tally().welcomes >= welcomes + connected * share, {
      timeoutMs: 300_000,
    });
  await untilBack(0.5);
  const halfS = secondsSince();
  await untilBack(0.9);
  const mostS = secondsSince();
  const cost = costs.since(before);
  await untilBack(0.99);
  await place.untilConnected();
  const at = Object.entries({ "it had ended": endedS, "the new one ran": startedS, "half were back": halfS });
  const times = [...at, ["nine tenths were back", mostS] as const].map(
    ([what, seconds]) => `${what} after ${seconds.toFixed(1)} s`,
  );
  return { tookS: secondsSince(), note: `${times.join(", ")}, with ${cost}` };
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
