import { setTimeout as wait } from "node:timers/promises";
import { waitFor } from "../../lab/wait-for.ts";
import type { Measure } from "../measure.ts";
import { type BenchFleet, portsOf } from "./bench-fleet.ts";
import { beginOrdering, readTruth } from "./ordering.ts";
import { describeTruth, truthMeasures } from "./restart.ts";
import type { FleetBenchSize } from "./size.ts";

const perSecond = 10;
const beforeMs = 5_000;

/** Two gateways share the fleet, and one is killed while people go on clicking. */
export async function measureTwoGateways(
  place: BenchFleet,
  { agents }: FleetBenchSize,
  log: (line: string) => void,
): Promise<Measure[]> {
  const { plant, doors, fleet, database } = place;
  const ordering = beginOrdering(place, perSecond);
  await wait(beforeMs);
  const dying = place.gateway();
  const { rows } = await database.admin.pool.query<{ held: string }>(
    "select count(*) as held from servers where gateway_id = $1",
    [dying.gatewayId],
  );
  const held = Number(rows[0]?.held);
  const { losses } = fleet.tally();
  const begunAtMs = performance.now();
  await dying.kill("SIGKILL");
  doors.lead(portsOf(plant.gateways));
  await waitFor("its connections to be missed", () => fleet.tally().losses >= losses + held, {
    timeoutMs: 120_000,
  });
  await place.untilConnected();
  const tookS = (performance.now() - begunAtMs) / 1000;
  const clicks = await ordering.end();
  const truth = await readTruth(
    place,
    clicks.map(({ jobId }) => jobId),
  );
  log(
    `${held} agents of the gateway that died are with the other after ${tookS.toFixed(1)} s; ${describeTruth(truth)}`,
  );
  return [
    {
      name: `${held} of ${agents} agents with the other gateway after one of two died`,
      unit: "s",
      value: tookS,
      aim: { kind: "at-most", value: 120 },
      runs: 1,
    },
    ...truthMeasures(`jobs of ${clicks.length} while one of two gateways died`, truth),
  ];
}
