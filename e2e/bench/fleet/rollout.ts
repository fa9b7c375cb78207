import { setTimeout as wait } from "node:timers/promises";
import type { MemberState, RolloutSettings } from "@mailstead/core/rollouts";
import { insertMany, serverUpdates } from "@mailstead/db";
import {
  compareHealth,
  getRollout,
  groupRolloutOutputs,
  haltRollout,
  listRolloutMembers,
  readRolloutCells,
  readRolloutMarks,
  startRollout,
  stopRollout,
} from "@mailstead/services/rollouts";
import { preciseNowMs } from "../../fleet-sim/fleet-message.ts";
import { waitFor } from "../../lab/wait-for.ts";
import { type Measure, quantile } from "../measure.ts";
import type { BenchFleet } from "./bench-fleet.ts";
import { openCosts } from "./costs.ts";
import type { FleetBenchSize } from "./size.ts";

const aims = { endsWithinS: 120, pageMs: 300, haltsWithinS: 5 };
const withinMs = 900_000;
/** The page asks again so long after the last answers have come, as apps/web does. */
const pageRestsMs = 1_000;

/** The waves of a usual rollout, none of which bakes: how fast the step itself goes over the fleet. */
const settings: RolloutSettings = {
  canary: { serversMin: 1, bakeTimeMs: 0, needsApproval: false },
  waves: [0.05, 0.25, 1].map((share) => ({ share, bakeTimeMs: 0, needsApproval: false })),
  inFlightMax: 1_000,
  badMax: 2,
  restoresBad: true,
  checksMail: false,
  catchUpForMs: 60 * 60_000,
};

/** An update that takes no time on its host goes over the whole fleet, while somebody watches its page. */
export async function measureRollout(
  place: BenchFleet,
  { agents }: FleetBenchSize,
  log: (line: string) => void,
): Promise<Measure[]> {
  await makeUpdatesWait(place);
  const costs = await openCosts(place);
  const before = costs.read();
  const begunAtMs = performance.now();
  const { rolloutId, servers } = await start(place, "An instant step");
  const startedS = (performance.now() - begunAtMs) / 1000;
  const page = watchPage(place, rolloutId);
  await untilCounted(place, { rolloutId, log, until: ({ endedAt }) => endedAt !== null });
  const tookS = (performance.now() - begunAtMs) / 1000;
  const seen = await page.end();
  const cost = costs.since(before);
  const { counts } = await getRollout(place.plant.owner, { rolloutId });
  const starts = await place.fleet.readStarts();
  const { rows } = await place.database.admin.pool.query<{ id: string }>(
    "select job_id as id from rollout_members where rollout_id = $1",
    [rolloutId],
  );
  const doubled = [...starts.values()].filter((count) => count > 1).length;
  log(
    `${servers} servers in ${tookS.toFixed(1)} s: ${JSON.stringify(counts)}; ${rows.length} members; ${cost}`,
  );
  const notDone = servers - (counts.succeeded ?? 0);
  return [
    {
      name: `rollout of an instant step over ${agents} servers`,
      unit: "s",
      value: tookS,
      aim: { kind: "at-most", value: aims.endsWithinS },
      runs: 1,
      note: `${startedS.toFixed(1)} s of it until it was planned; waves of 5, 25 and 100 %, ${settings.inFlightMax} at once; ${cost}`,
    },
    ...countMeasures(`servers of ${servers} in that rollout`, {
      "not changed": notDone,
      "changed twice": doubled,
    }),
    ...pageMeasures(seen),
  ];
}

/** A person halts a rollout in the middle of its last wave: how long orders still reach hosts. */
export async function measureHalt(
  place: BenchFleet,
  { agents }: FleetBenchSize,
  log: (line: string) => void,
): Promise<Measure[]> {
  await makeUpdatesWait(place);
  const { fleet, arrivals, plant } = place;
  fleet.watch(true);
  const { rolloutId } = await start(place, "A step that is halted");
  await untilCounted(place, {
    rolloutId,
    log,
    until: ({ counts }) => (counts.succeeded ?? 0) >= agents * 0.4,
  });
  const before = new Set(arrivals.keys());
  const clickedMs = preciseNowMs();
  await haltRollout(plant.owner, { rolloutId });
  const answeredMs = preciseNowMs() - clickedMs;
  await untilCounted(place, { rolloutId, log, until: ({ counts }) => (counts.applying ?? 0) === 0 });
  await wait(2 * aims.haltsWithinS * 1000);
  fleet.watch(false);
  const late = [...arrivals].flatMap(([jobId, atMs]) => (before.has(jobId) ? [] : atMs - clickedMs));
  const lastMs = Math.max(0, ...late);
  const { counts } = await getRollout(plant.owner, { rolloutId });
  log(`halted after ${JSON.stringify(counts)}; the last order came ${lastMs.toFixed(0)} ms after the click`);
  await stopRollout(plant.owner, { rolloutId });
  return [
    {
      name: `from halt to the last order that reaches a host, ${agents} servers`,
      unit: "s",
      value: lastMs / 1000,
      aim: { kind: "at-most", value: aims.haltsWithinS },
      runs: 1,
      note: `answered after ${answeredMs.toFixed(0)} ms; ${late.length} orders were on their way, ${counts.waiting ?? 0} servers wait`,
    },
  ];
}

const update = {
  name: "openssl",
  architecture: "amd64",
  fromVersion: "3.5.4-1~deb13u1",
  toVersion: "3.5.4-1~deb13u2",
  origin: "Debian-Security:13/stable-security",
  isSecurity: true,
  urgency: "high",
  cves: [],
  sourceName: "openssl",
  isLead: true,
} as const;
const rowsAtOnce = 2_000;

/** As the hosts' own inventories would tell of it. */
async function makeUpdatesWait({ database: { admin }, identities, plant }: BenchFleet): Promise<void> {
  await admin.pool.query("delete from server_updates");
  const scope = { organisationId: plant.owner.organisationId, tenantId: plant.tenantId };
  for (let first = 0; first < identities.length; first += rowsAtOnce)
    await admin.transaction((tx) =>
      insertMany(
        tx,
        serverUpdates,
        identities
          .slice(first, first + rowsAtOnce)
          .map(({ serverId }) => ({ ...update, cves: [], ...scope, serverId })),
      ),
    );
  await admin.pool.query("analyze server_updates");
}

function start({ plant }: BenchFleet, title: string) {
  return startRollout(plant.owner, { title, choice: { kind: "security" }, settings });
}

interface Counted {
  readonly endedAt: Date | null;
  readonly counts: Partial<Record<MemberState, number>>;
}

/** Asks the rows themselves, as the administrator of the database. */
async function untilCounted(
  { database: { admin } }: BenchFleet,
  {
    rolloutId,
    log,
    until,
  }: { rolloutId: string; log: (line: string) => void; until: (counted: Counted) => boolean },
): Promise<void> {
  let toldAtMs = performance.now();
  await waitFor(
    "the rollout to go on",
    async () => {
      const { rows } = await admin.pool.query<{ endedAt: Date | null; counts: Counted["counts"] | null }>(
        `select ended_at as "endedAt", (select jsonb_object_agg(state, count) from (select state, count(*) as count
           from rollout_members where rollout_id = id group by state) as counted) as counts from rollouts where id = $1`,
        [rolloutId],
      );
      const counted = { endedAt: rows[0]?.endedAt ?? null, counts: rows[0]?.counts ?? {} };
      if (performance.now() - toldAtMs > 10_000) {
        toldAtMs = performance.now();
        log(JSON.stringify(counted.counts));
      }
      return until(counted);
    },
    { timeoutMs: withinMs, intervalMs: 200 },
  );
}

interface Page {
  readonly wholeMs: readonly number[];
  readonly eachMs: ReadonlyMap<string, readonly number[]>;
}

/** What the page of a rollout asks, again and again as the dashboard does while something becomes of it. */
function watchPage({ plant: { owner } }: BenchFleet, rolloutId: string): { end(): Promise<Page> } {
  const asks = {
    "the rollout": () => getRollout(owner, { rolloutId }),
    "the state of each server": () => readRolloutMarks(owner, { rolloutId }),
    "the list of servers": () => listRolloutMembers(owner, { rolloutId }),
    "the same outputs together": () => groupRolloutOutputs(owner, { rolloutId }),
    "mail before and after": () => compareHealth(owner, { rolloutId }),
  };
  const wholeMs: number[] = [];
  const eachMs = new Map<string, number[]>();
  let isOver = false;
  const time = async (name: string, ask: () => Promise<unknown>) => {
    const begunAtMs = performance.now();
    await ask();
    eachMs.set(name, [...(eachMs.get(name) ?? []), performance.now() - begunAtMs]);
  };
  const watching = (async () => {
    await time("who is in it", () => readRolloutCells(owner, { rolloutId }));
    while (!isOver) {
      const begunAtMs = performance.now();
      await Promise.all(Object.entries(asks).map(([name, ask]) => time(name, ask)));
      wholeMs.push(performance.now() - begunAtMs);
      await wait(pageRestsMs);
    }
  })();
  return {
    async end() {
      isOver = true;
      await watching;
      return { wholeMs, eachMs };
    },
  };
}

function pageMeasures({ wholeMs, eachMs }: Page): Measure[] {
  const measure = (name: string, samples: readonly number[]): Measure => ({
    name: `rollout page while it runs: ${name}, p95`,
    unit: "ms",
    value: quantile([...samples], 0.95),
    aim: { kind: "at-most", value: aims.pageMs },
    runs: samples.length,
    note: `p50 ${quantile([...samples], 0.5).toFixed(0)} ms, max ${Math.max(...samples).toFixed(0)} ms`,
  });
  return [
    measure("all it asks at once, until the last answer", wholeMs),
    ...[...eachMs].map(([name, samples]) => measure(name, samples)),
  ];
}

function countMeasures(what: string, counts: Readonly<Record<string, number>>): Measure[] {
  return Object.entries(counts).map(([name, value]) => ({
    name: `${what}: ${name}`,
    unit: "counts",
    value,
    aim: { kind: "at-most", value: 0 },
    runs: 1,
  }));
}
