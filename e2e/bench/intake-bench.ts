import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { batchCountsMax, type DeliveryCount, type ReplySample } from "@mailstead/core/delivery";
import { openPlant } from "../delivery/plant.ts";
import { type OwnDatabase, openOwnDatabase } from "../exactly-once/own-database.ts";
import type { SimulatedAgent } from "../fleet-sim/agent.ts";
import { waitFor } from "../lab/wait-for.ts";
import { type Bench, type Measure, median } from "./measure.ts";

/** Hosts that tell at the same time, as each does once a minute. */
const agentCount = 16;
const alternatingRuns = 5;
const aimShare = 50;

interface Load {
  readonly name: string;
  readonly rowsPerBatch: number;
  readonly batchesPerAgent: number;
}

const loads: readonly Load[] = [
  // A host of ten domains that write to a handful of receivers: what it tells after a minute.
  { name: "steady", rowsPerBatch: 30, batchesPerAgent: 100 },
  // After an outage of its agent: as much as a batch and a frame hold.
  { name: "catch-up", rowsPerBatch: Math.min(batchCountsMax, 1100), batchesPerAgent: 3 },
];

/** How many rows of counts a gateway takes in from its agents, as a share of what bare COPY puts into the same table. */
export const intakeBench: Bench = {
  name: "intake",
  whyNot: () => null,
  async run(log) {
    const folder = mkdtempSync(join(tmpdir(), "mailstead-intake-"));
    const database = await openOwnDatabase(folder);
    const plant = await openPlant({ database });
    try {
      await plant.startGateway();
      const hosts: Host[] = [];
      for (let index = 0; index < agentCount; index += 1)
        hosts.push(await openHost(await plant.addAgent(), index));
      const measures: Measure[] = [];
      for (const load of loads) measures.push(...(await measureLoad(load, { hosts, database, folder, log })));
      return measures;
    } finally {
      await plant.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

interface Host {
  readonly agent: SimulatedAgent;
  readonly index: number;
  readonly epoch: string;
  sequence: number;
  /** Minutes that it told of so far. */
  minutes: number;
}

async function openHost(agent: SimulatedAgent, index: number): Promise<Host> {
  agent.start();
  await waitFor("a simulated agent to be welcomed", () => agent.isConnected);
  return { agent, index, epoch: crypto.randomUUID(), sequence: 0, minutes: 0 };
}

interface Place {
  readonly hosts: readonly Host[];
  readonly database: OwnDatabase;
  readonly folder: string;
  readonly log: (line: string) => void;
}

/** Intake and COPY take turns, each with an empty table, so that what else this machine does hits both. */
async function measureLoad(load: Load, place: Place): Promise<readonly Measure[]> {
  const shares: number[] = [];
  const intakes: number[] = [];
  const copies: number[] = [];
  for (let run = 0; run < alternatingRuns; run += 1) {
    await emptyTables(place.database);
    const rows = place.hosts.length * load.batchesPerAgent * load.rowsPerBatch;
    const begunAt = performance.now();
    await Promise.all(place.hosts.map((host) => tellAll(host, load)));
    const intake = rows / ((performance.now() - begunAt) / 1000);
    const copy = await copySameRows(place, rows);
    intakes.push(intake);
    copies.push(copy);
    shares.push((100 * intake) / copy);
    place.log(
      `${load.name}: ${Math.round(intake)} rows/s, COPY ${Math.round(copy)} rows/s, ${shares.at(-1)?.toFixed(1)} %`,
    );
  }
  const note = `${place.hosts.length} agents, ${load.rowsPerBatch} rows a batch`;
  return [
    {
      name: `intake of ${load.name} batches, share of bare COPY`,
      unit: "%",
      value: median(shares),
      aim: { kind: "at-least", value: aimShare },
      runs: alternatingRuns,
      note,
    },
    {
      name: `rows of ${load.name} batches taken in`,
      unit: "per s",
      value: median(intakes),
      aim: null,
      runs: alternatingRuns,
    },
    {
      name: `the same rows by bare COPY`,
      unit: "per s",
      value: median(copies),
      aim: null,
      runs: alternatingRuns,
    },
  ];
}

/** Sends an agent's batches as a real one does: the next when the last is stored. */
async function tellAll(host: Host, { rowsPerBatch, batchesPerAgent }: Load): Promise<void> {
  for (let batch = 0; batch < batchesPerAgent; batch += 1) {
    host.sequence += 1;
    const { sequence, epoch } = host;
    const stored = new Promise<void>((resolve) => {
      host.agent.script.onFrame = (frame) => {
        if (frame.type === "telemetry-stored" && frame.epoch === epoch && frame.sequence >= sequence)
          resolve();
      };
    });
    const counts = countsOf(host, rowsPerBatch);
    const samples = sampleOf(counts[0]);
    host.agent.send({ type: "telemetry", stream: "delivery", epoch, sequence, batch: { counts, samples } });
    await stored;
  }
}

const providers = ["gmail", "outlook", "yahoo", "gmx", null] as const;
const domainsPerHost = 10;
const minuteMs = 60_000;
/** Of one run of the bench, so that no two minutes of a host are the same. */
const beganAt = Math.floor(Date.now() / minuteMs) * minuteMs;

/** Rows as a host counts them: of a minute, or of as many minutes as they fill. */
function countsOf(host: Host, rows: number): DeliveryCount[] {
  const perMinute = 30;
  return Array.from({ length: rows }, (_, row) => {
    if (row % perMinute === 0) host.minutes += 1;
    const isSent = row % 3 !== 2;
    return {
      minute: beganAt - host.minutes * minuteMs,
      direction: "outbound",
      domain: `d${(row + host.minutes) % domainsPerHost}.h${host.index}.example`,
      sendingAddress: "192.0.2.1",
      // Thirty rows of a minute differ in domain and receiver.
      provider: providers[Math.floor((row % perMinute) / domainsPerHost)] ?? null,
      status: isSent ? "sent" : "deferred",
      category: isSent ? null : "rate-limit",
      attempts: 3,
      firstAttempts: 2,
      overTls: 3,
      sizeBytes: 45_000,
      latencies: isSent ? { "40": 1, [String(41 + (row % 30))]: 2 } : {},
    };
  });
}

function sampleOf(count: DeliveryCount | undefined): ReplySample[] {
  if (count === undefined) return [];
  const { minute: at, domain, provider } = count;
  return [
    {
      at,
      domain,
      provider,
      relayName: "mx.example",
      category: "rate-limit",
      ruleId: "gmail-rate",
      reply: "421 4.7.28 slow down",
    },
  ];
}

const countTables = ["delivery_minutes", "delivery_hours", "delivery_days"];

async function emptyTables({ admin }: OwnDatabase): Promise<void> {
  await admin.pool.query(`truncate ${countTables.join(", ")}, reply_samples`);
  await admin.pool.query("checkpoint");
}

/** Writes out what the intake stored, empties the table and lets COPY, as the superuser and so past row level security, put it back. */
async function copySameRows({ database, folder }: Place, rows: number): Promise<number> {
  const { admin } = database;
  const file = join(folder, "postgres", "cluster", "rows.copy");
  const { rows: counted } = await admin.pool.query<{ count: string }>(
    "select count(*) from delivery_minutes",
  );
  if (Number(counted[0]?.count) !== rows)
    throw new Error(`${counted[0]?.count} rows were stored where ${rows} were told.`);
  await admin.pool.query(`copy (select * from delivery_minutes) to '${file}'`);
  await emptyTables(database);
  const begunAt = performance.now();
  await admin.pool.query(`copy delivery_minutes from '${file}'`);
  return rows / ((performance.now() - begunAt) / 1000);
}
