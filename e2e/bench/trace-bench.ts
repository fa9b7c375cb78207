import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import type { Bench, Measure } from "./measure.ts";

const deliveryCount = 1_000_000;
const aimMs = 1000;
const program = resolve(import.meta.dirname, "../../apps/agent/src/testing/measure-trace.ts");

interface Inside {
  perS: number;
  sizeBytes: number;
  searches: readonly { kind: string; searches: number; p50Ms: number; p99Ms: number }[];
}

/** How long a host takes to say where a message is, with a month of a million deliveries in its index. */
export const traceBench: Bench = {
  name: "trace",
  whyNot: () => null,
  async run(log) {
    const folder = await mkdtemp(join(tmpdir(), "mailstead-bench-"));
    try {
      log(`${deliveryCount} deliveries are put into an index`);
      const { stdout } = await promisify(execFile)(process.execPath, [
        program,
        join(folder, "trace.sqlite"),
        String(deliveryCount),
      ]);
      const { perS, sizeBytes, searches }: Inside = JSON.parse(stdout);
      const measures: Measure[] = searches.map(({ kind, searches: runs, p50Ms, p99Ms }) => ({
        name: `search by ${kind}, p99`,
        unit: "ms",
        value: p99Ms,
        aim: { kind: "at-most", value: aimMs },
        runs,
        note: `p50 ${p50Ms.toFixed(1)} ms`,
      }));
      for (const { name, value, note } of measures) log(`${name}: ${value?.toFixed(1)} ms (${note})`);
      return [
        ...measures,
        { name: "deliveries indexed", unit: "per s", value: perS, aim: null, runs: 1 },
        { name: "size of the index", unit: "MiB", value: sizeBytes / 2 ** 20, aim: null, runs: 1 },
      ];
    } finally {
      await rm(folder, { recursive: true });
    }
  },
};
