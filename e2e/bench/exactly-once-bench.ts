import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compileAgent } from "../agent/agent-host.ts";
import { runExactlyOnce } from "../exactly-once/run.ts";
import type { Bench } from "./measure.ts";

const deliveriesMin = 100_000;
const faultsMin = 100;
/** A run can be had again by its seed. */
const seedVariable = "EXACTLY_ONCE_SEED";

/**
 * Whether every delivery counts once while agent, gateway, worker and Postgres are killed and restarted and the lines between them
 * are cut, at random moments.
 */
export const exactlyOnceBench: Bench = {
  name: "exactly-once",
  whyNot: () =>
    process.getuid?.() === 0 ? null : "it needs root, so that the agent can have a root folder of its own",
  async run(log) {
    const folder = await mkdtemp(join(tmpdir(), "mailstead-bench-"));
    try {
      const agentPath = await compileAgent(folder);
      const seed = Number(process.env[seedVariable] ?? Math.floor(Math.random() * 2 ** 31));
      const run = await runExactlyOnce({
        agentPath,
        seed,
        attemptsMin: deliveriesMin,
        faultCount: faultsMin,
        log,
      });
      for (const words of run.leaked.slice(0, 5)) log(`left the host: ${words.slice(0, 500)}`);
      for (const difference of run.differences.slice(0, 50)) log(`differs: ${difference}`);
      const faults = Object.entries(run.faults).map(([kind, count]) => `${count} x ${kind}`);
      const once = { aim: null, runs: 1 } as const;
      return [
        {
          name: "counts that differ from the truth",
          unit: "counts",
          value: run.differences.length,
          aim: { kind: "at-most", value: 0 },
          runs: 1,
          note: `seed ${seed}; ${run.rows.minutes} minute, ${run.rows.hours} hour and ${run.rows.days} day rows, ${run.sketched} durations, ${run.samples} samples, ${run.batches} batches, ${run.indexedMessages} messages in the host's index`,
        },
        {
          name: "deliveries counted",
          unit: "deliveries",
          value: run.attempts,
          aim: { kind: "at-least", value: deliveriesMin },
          runs: 1,
        },
        {
          name: "frames with an address or a subject of the mail",
          unit: "frames",
          value: run.leaked.length,
          aim: { kind: "at-most", value: 0 },
          runs: 1,
        },
        {
          name: "faults meanwhile",
          unit: "faults",
          value: Object.values(run.faults).reduce((sum, count) => sum + count, 0),
          aim: { kind: "at-least", value: faultsMin },
          runs: 1,
          note: `${faults.join(", ")}; ${run.rotations} rotations of the log`,
        },
        { ...once, name: "the run took", unit: "s", value: run.tookS },
      ];
    } finally {
      await rm(folder, { recursive: true });
    }
  },
};
