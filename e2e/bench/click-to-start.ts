import { restartService } from "@mailstead/services/servers";
import { openPlant } from "../delivery/plant.ts";
import { type Bench, type Measure, quantile } from "./measure.ts";

const warmUps = 20;
const clicks = 300;
const aims = { median: 50, tail: 250 };

/** From a click (the use case that a button calls) to the moment its agent begins, on loopback with the queue in Postgres. */
export const clickToStartBench: Bench = {
  name: "click-to-start",
  whyNot: () => null,
  async run(log) {
    const plant = await openPlant();
    try {
      await plant.startGateway();
      await plant.startWorker();
      const starts = new Moments();
      const confirmations = new Moments();
      const agent = await plant.addAgent({
        onStart: ({ jobId }) => starts.note(jobId),
        onConfirmed: (jobId) => confirmations.note(jobId),
      });
      agent.start();
      const click = async (): Promise<number> => {
        const clickedMs = performance.now();
        const { serverId } = agent.identity;
        const { jobId } = await restartService(plant.owner, { serverId, service: "postfix" });
        const startedMs = await starts.of(jobId);
        // The lane is free once the result is stored; the next click before that would measure the lane.
        await confirmations.of(jobId);
        return startedMs - clickedMs;
      };
      for (let count = 0; count < warmUps; count += 1) await click();
      log(`measuring ${clicks} clicks`);
      const samples: number[] = [];
      for (let count = 0; count < clicks; count += 1) samples.push(await click());
      return measuresOf(samples);
    } finally {
      await plant.stop();
    }
  },
};

function measuresOf(samples: readonly number[]): Measure[] {
  const measure = (share: number, aimMs: number): Measure => ({
    name: `click to agent start, p${share * 100}`,
    unit: "ms",
    value: quantile(samples, share),
    aim: { kind: "at-most", value: aimMs },
    runs: samples.length,
    note: "queue in Postgres, loopback, one after the other",
  });
  return [measure(0.5, aims.median), measure(0.95, aims.tail)];
}

/** When something happened to which job; it may happen before anybody asks. */
class Moments {
  private readonly moments = new Map<string, PromiseWithResolvers<number>>();

  note(jobId: string): void {
    this.entry(jobId).resolve(performance.now());
  }

  of(jobId: string): Promise<number> {
    return this.entry(jobId).promise;
  }

  private entry(jobId: string): PromiseWithResolvers<number> {
    const known = this.moments.get(jobId) ?? Promise.withResolvers<number>();
    this.moments.set(jobId, known);
    return known;
  }
}
