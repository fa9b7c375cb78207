import { openCpuClock, readStat } from "../cpu-clock.ts";
import type { BenchFleet } from "./bench-fleet.ts";
import { residentMiB } from "./memory.ts";

/** Seconds of a processor that each part of the bench has taken since it began, and when that was read. */
export type Costs = ReadonlyMap<string, number>;

/** Reads what each process takes, also those that are no part of the product and want the same two cores. */
export interface CostReader {
  read(): Costs;
  /** In words, as shares of a core since a reading. */
  since(before: Costs): string;
}

/** Of the gateway that runs as it is opened. */
export async function openCosts({
  database,
  gateway,
  worker,
  doors,
  fleet,
}: BenchFleet): Promise<CostReader> {
  const { pid } = gateway();
  const clock = await openCpuClock(database, pid);
  const sum = (pids: readonly number[]) => pids.reduce((seconds, one) => seconds + readStat(one).cpuS, 0);
  const read = () =>
    new Map([
      ["passed", performance.now() / 1000],
      ["gateway", clock.gateway()],
      ["Postgres", clock.postgres()],
      ["worker", sum([worker.pid])],
      ["TLS doors", sum(doors.pids)],
      ["simulated fleet", sum(fleet.pids)],
      ["bench itself", sum([process.pid])],
    ]);
  return {
    read,
    since(before) {
      const after = read();
      const spent = (name: string) => (after.get(name) ?? 0) - (before.get(name) ?? 0);
      const shares = [...after.keys()]
        .filter((name) => name !== "passed")
        .map((name) => `${name} ${((100 * spent(name)) / spent("passed")).toFixed(0)} %`);
      return `${shares.join(", ")} of a core; gateway ${residentMiB(pid).toFixed(0)} MiB`;
    },
  };
}
