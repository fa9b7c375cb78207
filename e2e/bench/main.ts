// npm run bench [-- NAME ... --FLAG=VALUE ...]: measures what the README promises, prints a table and writes JSON.

import { agentCostBench } from "./agent-cost-bench.ts";
import { agentOfflineBench } from "./agent-offline-bench.ts";
import { checkerBench } from "./checker-bench.ts";
import { clickToStartBench } from "./click-to-start.ts";
import { dkimBench } from "./dkim-bench.ts";
import { exactlyOnceBench } from "./exactly-once-bench.ts";
import { fleetBench } from "./fleet-bench.ts";
import { hostBench } from "./host-bench.ts";
import { hostsBench } from "./hosts-bench.ts";
import { intakeBench } from "./intake-bench.ts";
import type { Bench, Measure } from "./measure.ts";
import { pagesBench } from "./pages-bench.ts";
import { plannerBench } from "./planner-bench.ts";
import { describeMachine, saveJson, table } from "./report.ts";
import { screensBench } from "./screens-bench.ts";
import { startBench } from "./start-bench.ts";
import { traceBench } from "./trace-bench.ts";
import { trackerBench } from "./tracker-bench.ts";

const benches: readonly Bench[] = [
  startBench,
  clickToStartBench,
  hostBench,
  plannerBench,
  checkerBench,
  dkimBench,
  traceBench,
  trackerBench,
  agentCostBench,
  agentOfflineBench,
  exactlyOnceBench,
  intakeBench,
  fleetBench,
  hostsBench,
  pagesBench,
  screensBench,
];

const wanted = process.argv.slice(2).filter((word) => !word.startsWith("--"));
const unknown = wanted.find((name) => !benches.some((bench) => bench.name === name));
if (unknown !== undefined) {
  console.error(
    `There is no bench "${unknown}"; there are ${benches.map((bench) => bench.name).join(", ")}.`,
  );
  process.exit(1);
}

const startedAt = new Date();
const measures: Measure[] = [];
let hasFailed = false;
const isWanted = ({ name, isOnRequest = false }: Bench) =>
  wanted.length === 0 ? !isOnRequest : wanted.includes(name);
for (const bench of benches.filter(isWanted)) {
  const obstacle = bench.whyNot();
  if (obstacle !== null) {
    console.log(`${bench.name}: skipped, because ${obstacle}`);
    continue;
  }
  try {
    measures.push(...(await bench.run((line) => console.log(`${bench.name}: ${line}`))));
  } catch (cause) {
    hasFailed = true;
    console.error(`${bench.name}: failed`, cause);
  }
}

const machine = describeMachine();
console.log(
  `\n${machine.cpuCount} x ${machine.cpu}, ${machine.memoryGiB} GiB, Linux ${machine.kernel}, Node ${machine.node}\n`,
);
console.log(table(measures));
const { file, line } = saveJson(measures, startedAt);
console.log(`\n${line}\n\nThe same lies in ${file}`);
process.exit(hasFailed ? 1 : 0);
