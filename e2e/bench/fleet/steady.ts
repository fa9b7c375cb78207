import { setTimeout as wait } from "node:timers/promises";
import { openCpuClock, readStat } from "../cpu-clock.ts";
import type { Measure } from "../measure.ts";
import type { BenchFleet } from "./bench-fleet.ts";
import type { FleetBenchSize } from "./size.ts";

const forMs = 60_000;

/** What a minute of a fleet costs that is connected, tells of its mail and is ordered nothing. */
export async function measureSteady(
  place: BenchFleet,
  { agents, rowsPerMinute }: FleetBenchSize,
): Promise<Measure[]> {
  const { database, worker, doors, fleet } = place;
  const clock = await openCpuClock(database, place.gateway().pid);
  const look = async () => ({
    atMs: performance.now(),
    gateway: clock.gateway(),
    postgres: clock.postgres(),
    worker: readStat(worker.pid).cpuS,
    doors: doors.pids.reduce((sum, pid) => sum + readStat(pid).cpuS, 0),
    batches: fleet.tally().batchesStored,
    ...(await readWrites(place)),
  });
  const before = await look();
  await wait(forMs);
  const after = await look();
  const minutes = (after.atMs - before.atMs) / 60_000;
  const perMinute = (of: (seen: typeof before) => number) => (of(after) - of(before)) / minutes;
  const note = `${agents} agents that tell ${rowsPerMinute} rows a minute`;
  const measure = (name: string, unit: Measure["unit"], value: number): Measure => ({
    name,
    unit,
    value,
    aim: null,
    runs: 1,
    note,
  });
  const share = (of: (seen: typeof before) => number) => (100 * perMinute(of)) / 60;
  return [
    measure(
      "processor of the gateway, share of a core",
      "%",
      share(({ gateway }) => gateway),
    ),
    measure(
      "processor of Postgres, share of a core",
      "%",
      share(({ postgres }) => postgres),
    ),
    measure(
      "processor of the worker, share of a core",
      "%",
      share(({ worker }) => worker),
    ),
    measure(
      "processor of the doors that speak TLS, share of a core",
      "%",
      share(({ doors }) => doors),
    ),
    measure(
      "batches stored a minute",
      "counts",
      perMinute(({ batches }) => batches),
    ),
    measure(
      "transactions of Postgres a minute",
      "counts",
      perMinute(({ commits }) => commits),
    ),
    measure(
      "rows inserted a minute",
      "rows",
      perMinute(({ inserted }) => inserted),
    ),
    measure(
      "rows updated a minute",
      "rows",
      perMinute(({ updated }) => updated),
    ),
    measure("a row of minutes with its indexes", "KiB", (await readMinuteRowBytes(place)) / 1024),
    measure("write-ahead log a minute", "MiB", perMinute(({ walBytes }) => walBytes) / 2 ** 20),
  ];
}

/** As Postgres counts them; its processes tell of theirs a moment later, which a minute evens out. */
async function readWrites({ database }: BenchFleet) {
  const { rows } = await database.admin.pool.query<
    Record<"commits" | "inserted" | "updated" | "walBytes", string>
  >(
    `select xact_commit as commits, tup_inserted as inserted, tup_updated as updated,
       pg_current_wal_lsn() - '0/0'::pg_lsn as "walBytes"
     from pg_stat_database where datname = current_database()`,
  );
  const [row] = rows;
  return {
    commits: Number(row?.commits),
    inserted: Number(row?.inserted),
    updated: Number(row?.updated),
    walBytes: Number(row?.walBytes),
  };
}

async function readMinuteRowBytes({ database }: BenchFleet): Promise<number> {
  const { rows } = await database.admin.pool.query<{ bytes: string }>(
    `select sum(pg_total_relation_size(inhrelid)) / (select count(*) from delivery_minutes) as bytes
     from pg_inherits where inhparent = 'delivery_minutes'::regclass`,
  );
  return Number(rows[0]?.bytes);
}
