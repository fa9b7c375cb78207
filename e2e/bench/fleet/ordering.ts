import { setTimeout as wait } from "node:timers/promises";
import { restartService } from "@mailstead/services/servers";
import { preciseNowMs } from "../../fleet-sim/fleet-message.ts";
import { waitFor } from "../../lab/wait-for.ts";
import type { BenchFleet } from "./bench-fleet.ts";

/** One click: when it was made, and when its job was committed. */
export interface Click {
  readonly jobId: string;
  readonly clickedMs: number;
  readonly committedMs: number;
}

/** Clicks that go on by themselves until they are ended, each on a server by chance. */
export interface Ordering {
  /** Ends it; resolves with all clicks once the last is committed. */
  end(): Promise<readonly Click[]>;
}

export function beginOrdering({ plant, identities }: BenchFleet, perSecond: number): Ordering {
  const clicks: Click[] = [];
  const underWay = new Set<Promise<void>>();
  const click = async (): Promise<void> => {
    const { serverId = "" } = identities[Math.floor(Math.random() * identities.length)] ?? {};
    const clickedMs = preciseNowMs();
    const { jobId } = await restartService(plant.owner, { serverId, service: "postfix" });
    clicks.push({ jobId, clickedMs, committedMs: preciseNowMs() });
  };
  const timer = setInterval(() => {
    const clicking = click().finally(() => underWay.delete(clicking));
    underWay.add(clicking);
  }, 1000 / perSecond);
  return {
    async end() {
      clearInterval(timer);
      await Promise.all(underWay);
      return clicks;
    },
  };
}

/** What became of jobs: those that did not succeed, and those that a host began more than once. */
export interface JobsTruth {
  readonly lost: number;
  readonly doubled: number;
  /** Seconds until the last had ended. */
  readonly settledS: number;
}

const settleWithinMs = 120_000;

/** Waits until these jobs have ended, and asks Postgres and the agents' journals what became of them. */
export async function readTruth(
  { database, fleet }: BenchFleet,
  jobIds: readonly string[],
  settleMs = settleWithinMs,
): Promise<JobsTruth> {
  const begunAtMs = preciseNowMs();
  const unsettled = async () => {
    const { rows } = await database.admin.pool.query<{ count: string }>(
      "select count(*) from jobs where id = any($1) and state <> 'succeeded'",
      [jobIds],
    );
    return Number(rows[0]?.count);
  };
  await waitFor("the jobs to end", async () => (await unsettled()) === 0, { timeoutMs: settleMs }).catch(
    () => undefined,
  );
  const settledS = (preciseNowMs() - begunAtMs) / 1000;
  // What a host began a moment ago is in its journal by then.
  await wait(1_000);
  const starts = await fleet.readStarts();
  const doubled = jobIds.filter((jobId) => (starts.get(jobId) ?? 0) > 1).length;
  return { lost: await unsettled(), doubled, settledS };
}
