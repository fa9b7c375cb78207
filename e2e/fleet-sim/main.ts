// npm run fleet-sim -- --agents N: any number of simulated agents that speak the real protocol, with faults to order.

import { setTimeout as wait } from "node:timers/promises";
import { enrolFleet } from "./control-planes.ts";
import { summarise, tableHead, tableRow } from "./fleet-table.ts";
import { parseSimulatorOptions, type SimulatorOptions } from "./options.ts";
import { openFleetProcesses } from "./processes.ts";

const printEveryMs = 5_000;
/** Rows that a host of a few domains tells after a minute. */
const rowsPerMinute = 10;
/** So many connect in a second at first, which is less than a gateway lets in. */
const startsPerSecond = 200;

const stopping = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stopping.abort());

try {
  await simulate(parseSimulatorOptions(process.argv.slice(2)));
} catch (problem) {
  console.error((problem as Error).message);
  process.exit(1);
}

async function simulate(options: SimulatorOptions): Promise<void> {
  const { agents, processes, shares, seed, minutes, tellsTelemetry } = options;
  console.log(`Enrolling ${agents} agents.`);
  const log = (line: string) => console.log(line);
  const enrolled = await enrolFleet(options.controlPlane, { count: agents, log });
  try {
    const fleet = openFleetProcesses({
      members: enrolled.identities.map((identity, number) => ({ number, identity })),
      processes,
      shares,
      seed,
      gatewayUrl: enrolled.gatewayUrl,
      rowsPerMinute: tellsTelemetry ? rowsPerMinute : 0,
      startWithinMs: (1000 * agents) / startsPerSecond,
    });
    const startedAt = new Date();
    const begunAtMs = performance.now();
    const seconds = () => (performance.now() - begunAtMs) / 1000;
    console.log(
      `They call ${enrolled.gatewayUrl}; this ends after ${minutes} min, or by Ctrl-C.\n\n${tableHead()}`,
    );
    while (!stopping.signal.aborted && seconds() < minutes * 60) {
      const leftMs = minutes * 60_000 - seconds() * 1000;
      await wait(Math.min(printEveryMs, Math.max(1, leftMs)), undefined, stopping).catch(() => undefined);
      console.log(tableRow(seconds(), fleet.tally()));
    }
    const tally = fleet.tally();
    const tookS = Math.round(seconds());
    await fleet.close();
    console.log(
      `\n${summarise(tally)}\n\n${JSON.stringify({ startedAt, tookS, agents, processes, shares, seed, tally })}`,
    );
  } finally {
    await enrolled.close();
  }
}
