import { generateKeyPairSync, randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { batchCountsMax, type DeliveryCount, type ReplySample } from "@mailstead/core/delivery";
import { makeAgent } from "@mailstead/db/factories";
import { rollUpDeliveries } from "@mailstead/services/delivery";
import { addServer } from "@mailstead/services/servers";
import { openPlant, type Part, type Plant } from "../delivery/plant.ts";
import { type OwnDatabase, openOwnDatabase } from "../exactly-once/own-database.ts";
import { SimulatedAgent } from "../fleet-sim/agent.ts";
import { rawKey } from "../fleet-sim/identity.ts";
import { waitFor } from "../lab/wait-for.ts";
import { type CpuClock, openCpuClock, readStat } from "./cpu-clock.ts";
import { type Bench, type Measure, median } from "./measure.ts";

/** Hosts that tell at the same time, as each does once a minute. */
const agentCount = numberFlag("agents", 64);
const alternatingRuns = numberFlag("runs", 5);
const aimShare = 50;

interface Load {
  readonly name: string;
  readonly rowsPerBatch: number;
  readonly batchesPerAgent: number;
}

const loads: readonly Load[] = [
  // A host of ten domains that write to a handful of receivers: what it tells after a minute.
  { name: "steady", rowsPerBatch: 30, batchesPerAgent: numberFlag("batches", 25) },
  // After an outage of its agent: as much as a batch and a frame hold.
  { name: "catch-up", rowsPerBatch: Math.min(batchCountsMax, 1100), batchesPerAgent: 1 },
];

/** So much longer than the others, so that the worker looks several times in a run. */
const besideLonger = 4;

/**
 * How many rows of counts a gateway takes in from its agents, as a share of what bare COPY puts into the same table; and what a
 * row costs in processor time, which other work on this machine blurs less. Adding up hours and days, which a worker does
 * afterwards, is measured by itself and with a worker beside. `--agents`, `--runs` and `--batches` make it smaller.
 */
export const intakeBench: Bench = {
  name: "intake",
  whyNot: () => null,
  async run(log) {
    const folder = mkdtempSync(join(tmpdir(), "mailstead-intake-"));
    const database = await openOwnDatabase(folder);
    const plant = await openPlant({ database });
    try {
      const gateway = await plant.startGateway();
      const cpu = await openCpuClock(database, gateway.pid);
      const hosts: Host[] = [];
      for (let index = 0; index < agentCount; index += 1) hosts.push(await openHost(plant, index));
      const measures: Measure[] = [];
      const place = { hosts, database, folder, cpu, log };
      // A gateway runs for weeks: what it does in its first second, while its code is still compiled, is not measured.
      for (const load of loads) await prepare(load, place)();
      for (const load of loads) measures.push(...(await measureLoad(load, place)));
      for (const load of loads) measures.push(await measureBeside(load, place, await plant.startWorker()));
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

/** Enrolled past the door, which lets one address enrol a few hosts a minute. */
async function openHost({ database, owner, gateways, tenantId }: Plant, index: number): Promise<Host> {
  const { organisationId } = owner;
  const { serverId } = await addServer(owner, {
    tenantId,
    name: `mail${index}`,
    hostname: `mail${index}.plant.example`,
  });
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const { id: agentId } = await makeAgent(database.admin, {
    organisationId,
    tenantId,
    serverId,
    publicKey: rawKey(publicKey),
  });
  const gatewayUrl = gateways[0]?.linkUrl ?? "";
  const agent = new SimulatedAgent({
    identity: { agentId, serverId, gatewayUrl, signingPublicKey: "", privateKey },
  }).start();
  await waitFor("a simulated agent to be welcomed", () => agent.isConnected);
  return { agent, index, epoch: randomUUID(), sequence: 0, minutes: 0 };
}

interface Place {
  readonly cpu: CpuClock;
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
  const cpuShares: number[] = [];
  const rollUps: number[] = [];
  for (let run = 0; run < alternatingRuns; run += 1) {
    await emptyTables(place.database);
    const rows = place.hosts.length * load.batchesPerAgent * load.rowsPerBatch;
    const told = prepare(load, place);
    const [gatewayS, postgresS] = [place.cpu.gateway(), place.cpu.postgres()];
    const begunAt = performance.now();
    await told();
    const intake = rows / ((performance.now() - begunAt) / 1000);
    const ofGateway = (1e6 * (place.cpu.gateway() - gatewayS)) / rows;
    const ofPostgres = (1e6 * (place.cpu.postgres() - postgresS)) / rows;
    const rolledUp = await rollUpAll(place, rows);
    rollUps.push(rolledUp.perSecond);
    const { perSecond: copy, cpuUs: ofCopy } = await copySameRows(place, rows);
    cpuShares.push((100 * ofCopy) / (ofGateway + ofPostgres));
    intakes.push(intake);
    copies.push(copy);
    shares.push((100 * intake) / copy);
    place.log(
      `${load.name}: ${Math.round(intake)} rows/s, COPY ${Math.round(copy)} rows/s, ${shares.at(-1)?.toFixed(1)} %; ` +
        `processor time of a row: gateway ${ofGateway.toFixed(1)} µs, Postgres ${ofPostgres.toFixed(1)} µs, COPY ${ofCopy.toFixed(1)} µs; ` +
        `hours and days of ${Math.round(rolledUp.perSecond)} rows/s by one worker alone, Postgres ${rolledUp.cpuUs.toFixed(1)} µs`,
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
      name: `processor time of COPY, share of intake of ${load.name} batches`,
      unit: "%",
      value: median(cpuShares),
      aim: null,
      runs: alternatingRuns,
    },
    {
      name: `rows of ${load.name} batches taken in`,
      unit: "per s",
      value: median(intakes),
      aim: null,
      runs: alternatingRuns,
    },
    {
      name: `rows of ${load.name} batches added to hours and days by a worker alone`,
      unit: "per s",
      value: median(rollUps),
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

/** The cost of roll-ups where nothing is put off: from the first batch until all of it stands in hours and days. */
async function measureBeside(load: Load, place: Place, worker: Part): Promise<Measure> {
  const longer = { ...load, batchesPerAgent: load.batchesPerAgent * besideLonger };
  const found: number[] = [];
  for (let run = 0; run < alternatingRuns; run += 1) {
    await emptyTables(place.database);
    const rows = place.hosts.length * longer.batchesPerAgent * longer.rowsPerBatch;
    const told = prepare(longer, place);
    const [gatewayS, postgresS, workerS] = [
      place.cpu.gateway(),
      place.cpu.postgres(),
      readStat(worker.pid).cpuS,
    ];
    const begunAt = performance.now();
    await told();
    const intakeS = (performance.now() - begunAt) / 1000;
    await waitFor("the worker to have added everything", async () => (await countPending(place)) === 0, {
      timeoutMs: 120_000,
      intervalMs: 20,
    });
    const tookS = (performance.now() - begunAt) / 1000;
    await checkTruth(place, rows);
    found.push(rows / tookS);
    const each = (seconds: number) => ((1e6 * seconds) / rows).toFixed(1);
    place.log(
      `${load.name} with a worker beside: ${Math.round(rows / intakeS)} rows/s taken in, ${Math.round(rows / tookS)} rows/s until hours and days held them; ` +
        `processor time of a row: gateway ${each(place.cpu.gateway() - gatewayS)} µs, Postgres ${each(place.cpu.postgres() - postgresS)} µs, ` +
        `worker ${each(readStat(worker.pid).cpuS - workerS)} µs`,
    );
  }
  await worker.kill("SIGTERM");
  return {
    name: `rows of ${load.name} batches until hours and days hold them, with a worker beside`,
    unit: "per s",
    value: median(found),
    aim: null,
    runs: alternatingRuns,
  };
}

/** Adds up what waits, as a worker does, with the machine to itself. */
async function rollUpAll(place: Place, rows: number): Promise<{ perSecond: number; cpuUs: number }> {
  const { system: database } = place.database;
  const postgresS = place.cpu.postgres();
  const begunAt = performance.now();
  const failed = await rollUpDeliveries({
    actor: { kind: "system", name: "bench" },
    database,
    now: () => new Date(),
    requestId: "bench",
  });
  const tookS = (performance.now() - begunAt) / 1000;
  if (failed.length > 0) throw new Error(`Counts of ${failed.length} servers could not be added up.`);
  await checkTruth(place, rows);
  return { perSecond: rows / tookS, cpuUs: (1e6 * (place.cpu.postgres() - postgresS)) / rows };
}

async function countPending({ database: { admin } }: Place): Promise<number> {
  const { rows } = await admin.pool.query<{ count: string }>("select count(*) from delivery_pending");
  return Number(rows[0]?.count);
}

/** Minutes, hours and days hold every attempt that was told. */
async function checkTruth({ database: { admin } }: Place, rows: number): Promise<void> {
  for (const table of countTables) {
    const { rows: summed } = await admin.pool.query<{ attempts: string }>(
      `select coalesce(sum(attempts), 0) as attempts from ${table}`,
    );
    if (Number(summed[0]?.attempts) !== rows * attemptsPerRow)
      throw new Error(
        `${table} holds ${summed[0]?.attempts} attempts where ${rows * attemptsPerRow} were told.`,
      );
  }
}

interface Told {
  readonly counts: readonly DeliveryCount[];
  readonly samples: readonly ReplySample[];
}

/** Makes what all hosts tell before the clock runs, since agents count on machines of their own. Returns how to tell it. */
function prepare(load: Load, { hosts }: Place): () => Promise<unknown> {
  const told = hosts.map((host) => batchesOf(host, load));
  return () => Promise.all(hosts.map((host, index) => tellAll(host, told[index] ?? [])));
}

function batchesOf(host: Host, { rowsPerBatch, batchesPerAgent }: Load): readonly Told[] {
  return Array.from({ length: batchesPerAgent }, () => {
    const counts = countsOf(host, rowsPerBatch);
    return { counts, samples: sampleOf(counts[0]) };
  });
}

/** Sends an agent's batches as a real one does: the next when the last is stored. */
async function tellAll(host: Host, batches: readonly Told[]): Promise<void> {
  for (const batch of batches) {
    host.sequence += 1;
    const { sequence, epoch } = host;
    const stored = new Promise<void>((resolve) => {
      host.agent.script.onFrame = (frame) => {
        if (frame.type === "telemetry-stored" && frame.epoch === epoch && frame.sequence >= sequence)
          resolve();
      };
    });
    host.agent.send({ type: "telemetry", stream: "delivery", epoch, sequence, batch });
    await stored;
  }
}

const providers = ["gmail", "outlook", "yahoo", "gmx", null] as const;
const domainsPerHost = 10;
const attemptsPerRow = 3;
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
      attempts: attemptsPerRow,
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
  await admin.pool.query(`truncate ${countTables.join(", ")}, delivery_pending, reply_samples`);
  await admin.pool.query("checkpoint");
}

/** Writes out what the intake stored, empties the table and lets COPY, as the superuser and so past row level security, put it back. */
async function copySameRows(
  { database, folder, cpu }: Place,
  rows: number,
): Promise<{ perSecond: number; cpuUs: number }> {
  const { admin } = database;
  const file = join(folder, "postgres", "cluster", "rows.copy");
  const { rows: counted } = await admin.pool.query<{ count: string }>(
    "select count(*) from delivery_minutes",
  );
  if (Number(counted[0]?.count) !== rows)
    throw new Error(`${counted[0]?.count} rows were stored where ${rows} were told.`);
  await admin.pool.query(`copy (select * from delivery_minutes) to '${file}'`);
  await emptyTables(database);
  const postgresS = cpu.postgres();
  const begunAt = performance.now();
  await admin.pool.query(`copy delivery_minutes from '${file}'`);
  const tookS = (performance.now() - begunAt) / 1000;
  return { perSecond: rows / tookS, cpuUs: (1e6 * (cpu.postgres() - postgresS)) / rows };
}

function numberFlag(name: string, usual: number): number {
  const start = `--${name}=`;
  const given = process.argv.find((word) => word.startsWith(start));
  return given === undefined ? usual : Number(given.slice(start.length));
}
