import type { JobArgs, JobResult } from "@mailstead/core/jobs";
import {
  type QueueActionName,
  type QueuedMessage,
  type QueueEntry,
  type QueueTarget,
  queueMatcher,
} from "@mailstead/core/mail-queue";
import { JobFailure } from "../jobs/job-failure.ts";
import type { Host } from "../platform/host.ts";
import { lastWords } from "../platform/run-command.ts";
import { eachQueued } from "./each-queued.ts";

// Postfix is asked once for each. With the listing before it this stays within the time of the job.
const retryWithinMs = 150_000;
const postsuperWithinMs = 3 * 60_000;

/**
 * Holds, releases, retries or deletes messages that are in the queue now. Doing it twice does no more than once, so a job
 * that was interrupted is run again. Throws JobFailure, having changed nothing, when more match than were said yes to.
 */
export async function changeQueue(
  host: Host,
  { action, target, visibleDomains }: JobArgs<"change-queue">,
): Promise<JobResult<"change-queue">> {
  const queueIds: string[] = [];
  let found = 0;
  const isMeant = targetMatcher(target, visibleDomains);
  await eachQueued(host, (entry) => {
    if (!isMeant(entry)) return;
    found += 1;
    if (canBe(action, entry.message)) queueIds.push(entry.message.queueId);
  });
  if (target.kind === "matching" && found > target.countMax)
    throw new JobFailure(
      `Nothing was changed: ${found} messages match now, and ${target.countMax} were agreed to. Read the queue again.`,
      { retry: "permanent" },
    );
  if (queueIds.length === 0) return { found, changed: 0, notReached: 0 };
  return { found, ...(await apply(host, action, queueIds)) };
}

function targetMatcher(
  target: QueueTarget,
  visibleDomains: readonly string[] | null,
): (entry: QueueEntry) => boolean {
  if (target.kind === "matching") return queueMatcher(target.filter, visibleDomains);
  const isVisible = queueMatcher({}, visibleDomains);
  const arrivedAt = new Map(target.messages.map((message) => [message.queueId, message.arrivedAt]));
  return (entry) => arrivedAt.get(entry.message.queueId) === entry.message.arrivedAt && isVisible(entry);
}

/** Postfix would pass over the others without a word. */
function canBe(action: QueueActionName, { queue }: QueuedMessage): boolean {
  switch (action) {
    case "hold":
      return queue !== "hold";
    case "release":
      return queue === "hold";
    case "retry":
      return queue === "deferred";
    case "delete":
      return true;
  }
}

const postsuperFlags = { hold: "-h", release: "-H", delete: "-d" } as const;

type Applied = Omit<JobResult<"change-queue">, "found">;

async function apply(host: Host, action: QueueActionName, queueIds: readonly string[]): Promise<Applied> {
  if (action === "retry") return retry(host, queueIds);
  const result = await host.run(["postsuper", postsuperFlags[action], "-"], {
    input: `${queueIds.join("\n")}\n`,
    timeoutMs: postsuperWithinMs,
  });
  if (result.exitCode !== 0)
    throw new JobFailure(`Postfix did not change its queue: ${lastWords(result)}.`, { retry: "temporary" });
  // "postsuper: Deleted: 3 messages"; what has left in the meantime is not counted.
  const said = /: (\d+) messages?$/m.exec(result.stderr)?.[1];
  return { changed: said === undefined ? 0 : Number(said), notReached: 0 };
}

/** One after the other, so that Postfix is not kept from its own work, and as many as there is time for. */
async function retry(host: Host, queueIds: readonly string[]): Promise<Applied> {
  const until = host.nowUnixMs() + retryWithinMs;
  let changed = 0;
  for (const [at, queueId] of queueIds.entries()) {
    if (host.nowUnixMs() >= until) return { changed, notReached: queueIds.length - at };
    const result = await host.run(["postqueue", "-i", queueId]);
    if (result.exitCode === 0) changed += 1;
    else if (changed === 0 && result.exitCode === null)
      throw new JobFailure(`Postfix cannot be asked: ${lastWords(result)}.`, { retry: "temporary" });
  }
  return { changed, notReached: 0 };
}
