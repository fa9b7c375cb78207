import { statSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { sql } from "drizzle-orm";
import { LabError } from "../lab/command.ts";
import { waitFor } from "../lab/wait-for.ts";
import { type Comparison, compareWithTruth, factOf, withHostStore } from "./compare.ts";
import { planFaults, strike } from "./faults.ts";
import { type LogWriter, writeLogTo } from "./log-writer.ts";
import { makeTraffic, privateMark } from "./mail-traffic.ts";
import { type Random, randomBy } from "./random.ts";
import { openTellingScene, type TellingScene } from "./scene.ts";

export interface ExactlyOnceRun extends Comparison {
  /** What the agent sent with an address or a subject in it. */
  readonly leaked: readonly string[];
  readonly seed: number;
  readonly faults: Readonly<Record<string, number>>;
  readonly rotations: number;
  readonly tookS: number;
}

export interface ExactlyOnceInput {
  readonly agentPath: string;
  readonly seed: number;
  readonly attemptsMin: number;
  readonly faultCount: number;
  readonly log: (line: string) => void;
}

const hourMs = 3_600_000;
/** The time of the mail: over more than one midnight, and within what minutes are kept for. */
const trafficHours = 30;

/**
 * Lets a host tell of its mail while everything between its log and the control plane's tables is killed, restarted and
 * cut, and compares what was counted with what was meant. The same seed gives the same mail and the same faults.
 */
export async function runExactlyOnce(input: ExactlyOnceInput): Promise<ExactlyOnceRun> {
  const { seed, attemptsMin, faultCount, log } = input;
  const random = randomBy(seed);
  const begunAt = performance.now();
  const until = Date.now();
  const traffic = makeTraffic(random, { attemptsMin, from: until - trafficHours * hourMs, until });
  const faults = planFaults(random, faultCount);
  log(
    `seed ${seed}: ${traffic.attempts.length} deliveries, ${traffic.lines.length} lines, ${faultCount} faults`,
  );
  const scene = await openTellingScene(input.agentPath);
  try {
    scene.agent.start();
    await untilFirstReading(scene);
    const writer = writeLogTo(scene.agent.logPath, random);
    const perFault = Math.ceil(traffic.lines.length / (faultCount + 1));
    const counts: Record<string, number> = {};
    for (const [index, fault] of faults.entries()) {
      const part = traffic.lines.slice(index * perFault, (index + 1) * perFault);
      await Promise.all([writeInPieces(writer, part, random), strike(scene, fault)]);
      counts[fault.kind] = (counts[fault.kind] ?? 0) + 1;
      if (await untilTelling(scene)) counts[impatience] = (counts[impatience] ?? 0) + 1;
      // Room for counts is kept while counts come in.
      await scene.database.system.query.execute(sql`select keep_delivery_partitions(now())`);
      if ((index + 1) % 10 === 0) log(`${index + 1} faults, ${await describeProgress(scene)}`);
    }
    writer.write(traffic.lines.slice(faultCount * perFault));
    writer.finish();
    await untilAllIsTold(scene);
    await untilAllIsAddedUp(scene);
    const comparison = await compareWithTruth(scene, traffic);
    const leaked = scene.sentWith(privateMark);
    const tookS = (performance.now() - begunAt) / 1000;
    return { ...comparison, leaked, seed, faults: counts, rotations: writer.rotations(), tookS };
  } finally {
    await scene.close();
  }
}

/** What was logged before the first reading is not counted, so the mail begins after it. */
async function untilFirstReading(scene: TellingScene): Promise<void> {
  await waitFor("the first reading of the log", () =>
    withHostStore(scene, (store) => factOf(store, "position") !== null),
  );
}

/** As a host logs: bit by bit, with a rotation now and then between or right behind another. */
async function writeInPieces(writer: LogWriter, lines: readonly string[], random: Random): Promise<void> {
  const pieces = random.between(2, 6);
  const size = Math.ceil(lines.length / pieces);
  for (let from = 0; from < lines.length; from += size) {
    const piece = lines.slice(from, from + size);
    if (random.next() < 0.15) writer.rotate(piece);
    else writer.write(piece);
    await pause(random.between(0, 150));
  }
}

const impatience = "kill waiting agent";

/** An agent whose line breaks again and again waits ever longer; no run has the time for that. */
const patienceMs = 2_000;

/**
 * The agent is back and has said more than its greeting. One that waits for long before its next try is started anew, which
 * is one more fault. Returns whether it was.
 */
async function untilTelling(scene: TellingScene): Promise<boolean> {
  const enough = scene.link.sentBytes() + greetingBytes;
  const isTelling = () => scene.link.sentBytes() > enough;
  const wait = (timeoutMs: number) =>
    waitFor("the agent to tell something", isTelling, { timeoutMs, intervalMs: 20 });
  try {
    await wait(patienceMs);
    return false;
  } catch (error) {
    if (!(error instanceof LabError)) throw error;
  }
  await scene.agent.end("SIGKILL");
  scene.agent.start();
  await wait(settledWithinMs);
  return true;
}

/** Of what an agent says to be let in. */
const greetingBytes = 1_500;

const settledWithinMs = 10 * 60_000;

/** All of the log was read, and nothing waits to be stored. An agent that is started anew reads at once. */
async function untilAllIsTold(scene: TellingScene): Promise<void> {
  await scene.agent.end("SIGTERM");
  scene.agent.start();
  const { ino: inode, size: offset } = statSync(scene.agent.logPath);
  await waitFor(
    "the spool to be empty",
    () =>
      withHostStore(scene, (store) => {
        const { cursor }: { cursor?: string } = JSON.parse(factOf(store, "position") ?? "{}");
        const read: { inode?: number; offset?: number } = JSON.parse(cursor ?? "{}");
        const waiting = store.prepare("select count(*) as count from spool where stream = 'delivery'").get();
        return read.inode === inode && read.offset === offset && waiting?.["count"] === 0;
      }),
    { timeoutMs: settledWithinMs },
  );
}

/** The worker has added what was told to hours and days. */
async function untilAllIsAddedUp({ database }: TellingScene): Promise<void> {
  await waitFor(
    "hours and days to hold what was told",
    async () => {
      const { rows } = await database.admin.pool.query("select from delivery_pending limit 1");
      return rows.length === 0;
    },
    { timeoutMs: settledWithinMs },
  );
}

async function describeProgress(scene: TellingScene): Promise<string> {
  const { rows } = await scene.database.admin.pool.query<{ attempts: string }>(
    "select coalesce(sum(attempts), 0) as attempts from delivery_minutes",
  );
  return `${rows[0]?.attempts} deliveries stored`;
}
