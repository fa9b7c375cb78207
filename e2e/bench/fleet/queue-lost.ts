import { openDeliveryQueue } from "@mailstead/queue";
import { wipePostgresQueue } from "../../delivery/wipe-queue.ts";
import { waitFor } from "../../lab/wait-for.ts";
import type { Measure } from "../measure.ts";
import type { BenchFleet } from "./bench-fleet.ts";
import { readTruth } from "./ordering.ts";
import { describeTruth, truthMeasures } from "./restart.ts";
import type { FleetBenchSize } from "./size.ts";
import { makeWaitingJobs } from "./waiting-jobs.ts";

const recoverMaxS = 60;
const allWithinMs = 1_200_000;

/**
 * The queue is lost with many jobs waiting. Gateway and worker stand still while it is filled and emptied, so that none of its
 * entries has been taken; the clock runs from the moment at which it is empty.
 */
export async function measureQueueLost(
  place: BenchFleet,
  { jobs }: FleetBenchSize,
  log: (line: string) => void,
): Promise<Measure[]> {
  const { database, worker } = place;
  const { admin, systemUrl } = database;
  worker.signal("SIGSTOP");
  const { all, firstOfEach } = await makeWaitingJobs(place, jobs);
  log(`${all.length} jobs wait for ${firstOfEach.length} servers`);
  const gateway = place.gateway();
  gateway.signal("SIGSTOP");
  const queue = await openDeliveryQueue({ databaseUrl: systemUrl }, () => undefined);
  await queue.add(gateway.gatewayId, firstOfEach);
  const entries = await queue.countWaiting(gateway.gatewayId);
  await queue.close();
  await wipePostgresQueue(database);
  const lostAtMs = performance.now();
  const secondsSince = () => (performance.now() - lostAtMs) / 1000;
  const { rows } = await admin.pool.query<{ now: Date }>("select now() as now");
  gateway.signal("SIGCONT");
  // A worker that is first would take the gateway for dead, which has only stood still.
  await waitFor("the gateway's heart to beat", async () => {
    const beat = await admin.pool.query("select from gateways where heartbeat_at > $1", [rows[0]?.now]);
    return beat.rowCount === 1;
  });
  worker.signal("SIGCONT");
  const count = async (condition: string) => {
    const { rows } = await admin.pool.query<{ count: string }>(
      `select count(*) from jobs where ${condition}`,
    );
    return Number(rows[0]?.count);
  };
  const firstIds = `{${firstOfEach.map(({ jobId }) => jobId).join(",")}}`;
  let toldAtS = 0;
  await waitFor(
    "each server to have got its next order",
    async () => {
      const left = await count(`id = any('${firstIds}') and dispatched_at is null`);
      if (secondsSince() - toldAtS > 10) {
        toldAtS = secondsSince();
        log(
          `after ${toldAtS.toFixed(0)} s: ${left} servers still wait, ${await count("state = 'succeeded'")} jobs have ended`,
        );
      }
      return left === 0;
    },
    { timeoutMs: allWithinMs, intervalMs: 500 },
  );
  const recoveredS = secondsSince();
  log(
    `each of ${firstOfEach.length} servers has its next order ${recoveredS.toFixed(1)} s after the queue was lost`,
  );
  const truth = await readTruth(
    place,
    all.map(({ jobId }) => jobId),
    allWithinMs,
  );
  const doneS = secondsSince();
  log(`all ${all.length} jobs have ended after ${doneS.toFixed(0)} s; ${describeTruth(truth)}`);
  return [
    {
      name: `queue lost with ${all.length} jobs waiting: every server has its next order`,
      unit: "s",
      value: recoveredS,
      aim: { kind: "at-most", value: recoverMaxS },
      runs: 1,
      note: `${entries} entries were lost; all ${all.length} jobs had ended after ${doneS.toFixed(0)} s`,
    },
    {
      name: "jobs carried from order to confirmed end after the queue was lost",
      unit: "per s",
      value: all.length / doneS,
      aim: null,
      runs: 1,
    },
    ...truthMeasures(`jobs of ${all.length} that waited`, truth),
  ];
}
