import { setTimeout as wait } from "node:timers/promises";
import { waitFor } from "../../lab/wait-for.ts";
import { type Measure, quantile } from "../measure.ts";
import type { BenchFleet } from "./bench-fleet.ts";
import { beginOrdering } from "./ordering.ts";
import type { FleetBenchSize } from "./size.ts";

const perSecond = 5;
const warmUpMs = 10_000;
const forMs = 60_000;
const aims = { median: 50, tail: 250 };

/** From a click to the moment its agent has the order, while the whole fleet is connected and tells each minute. */
export async function measureDispatch(
  place: BenchFleet,
  { agents, rowsPerMinute }: FleetBenchSize,
): Promise<Measure[]> {
  const { fleet, arrivals } = place;
  fleet.watch(true);
  const warming = beginOrdering(place, perSecond);
  await wait(warmUpMs);
  await warming.end();
  const before = fleet.tally();
  const ordering = beginOrdering(place, perSecond);
  await wait(forMs);
  const clicks = await ordering.end();
  const told = fleet.tally().batchesStored - before.batchesStored;
  await waitFor("every order to have come", () => clicks.every(({ jobId }) => arrivals.has(jobId)));
  fleet.watch(false);
  const samples = clicks.map(({ jobId, clickedMs }) => (arrivals.get(jobId) ?? 0) - clickedMs);
  const sinceCommit = clicks.map(({ jobId, committedMs }) => (arrivals.get(jobId) ?? 0) - committedMs);
  const measure = (share: number, aimMs: number): Measure => ({
    name: `click to the agent that has the order, ${agents} connected, p${share * 100}`,
    unit: "ms",
    value: quantile(samples, share),
    aim: { kind: "at-most", value: aimMs },
    runs: samples.length,
    note: `from the commit on ${quantile(sinceCommit, share).toFixed(0)} ms; ${perSecond} clicks a second; ${told} batches of ${rowsPerMinute} rows stored meanwhile`,
  });
  return [measure(0.5, aims.median), measure(0.95, aims.tail)];
}
