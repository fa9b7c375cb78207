import { createHash } from "node:crypto";
import { isBehind, type JobArgs, type JobResult } from "@mailstead/core/jobs";
import { type DirectoryChange, directoryChangeText } from "@mailstead/core/mailboxes";
import type { JobContext } from "../jobs/job-context.ts";
import { JobFailure } from "../jobs/job-failure.ts";
import type { GatewayRequests } from "../link/requests.ts";
import { pathExists } from "../platform/files.ts";
import type { Host } from "../platform/host.ts";
import { type DirectoryHead, readDirectoryHead, writeDirectory } from "./directory-database.ts";
import { endSessions } from "./end-sessions.ts";

/**
 * Brings the directory to the revision that a signed job names. The pages come through a gateway that is not trusted
 * with them: their hash chain must end in the head that was signed, or nothing is written. Sessions whose sign-in no
 * longer holds are ended.
 */
export async function syncDirectory(
  input: { path: string; host: Pick<Host, "run">; requests: GatewayRequests },
  context: Pick<JobContext, "requireGoOn" | "logLine">,
  target: JobArgs<"sync-directory">,
): Promise<JobResult<"sync-directory">> {
  const startedMs = performance.now();
  if (!(await pathExists(input.path)))
    throw new JobFailure(
      "The mail stack is not installed on this host yet, so there is no directory to bring up to date; install it first.",
      { retry: "temporary" },
    );
  const head = await readDirectoryHead(input.path);
  const took = () => performance.now() - startedMs;
  if (isBehind(target, head))
    throw new JobFailure(
      `The mailboxes of this host are at ${head.epoch}.${head.revision} and do not go back to ${target.epoch}.${target.revision}; nothing was written.`,
      { retry: "permanent" },
    );
  if (head.epoch === target.epoch && head.revision === target.revision) {
    if (head.chain !== target.chain) throw chainFailure();
    // A run that was killed after its commit has left this to be done.
    await endSessions(input, context.logLine);
    return { changesApplied: 0, tookMs: took() };
  }
  const isNewEpoch = head.epoch !== target.epoch;
  const from: DirectoryHead = isNewEpoch ? { epoch: target.epoch, revision: 0, chain: "" } : head;
  const changes = await fetchChanges({ requests: input.requests, context, from, target });
  await writeDirectory(input.path, { isNewEpoch, changes, head: target });
  await endSessions(input, context.logLine);
  return { changesApplied: changes.length, tookMs: took() };
}

async function fetchChanges(input: {
  requests: GatewayRequests;
  context: Pick<JobContext, "requireGoOn" | "logLine">;
  from: DirectoryHead;
  target: JobArgs<"sync-directory">;
}): Promise<DirectoryChange[]> {
  const { requests, context, from, target } = input;
  const changes: DirectoryChange[] = [];
  let { revision, chain } = from;
  while (revision < target.revision) {
    context.requireGoOn();
    const page = await requests.directoryPage({
      epoch: target.epoch,
      afterRevision: revision,
      upToRevision: target.revision,
    });
    if (page.epoch !== target.epoch)
      throw new JobFailure(
        "The directory was started anew while it was read; the next job carries the new one.",
        {
          retry: "temporary",
        },
      );
    for (const change of page.changes) {
      if (change.revision !== revision + 1) throw chainFailure();
      revision = change.revision;
      chain = nextChain(chain, change);
      changes.push(change);
    }
    if (page.changes.length === 0 || (!page.hasMore && revision < target.revision)) throw chainFailure();
  }
  if (revision !== target.revision || chain !== target.chain) throw chainFailure();
  return changes;
}

/** One link of the chain: SHA-256 over the last link in hex and the change's text. */
export function nextChain(chain: string, change: DirectoryChange): string {
  return createHash("sha256").update(chain).update(directoryChangeText(change)).digest("hex");
}

function chainFailure(): JobFailure {
  return new JobFailure(
    "The mailboxes that the gateway sent are not the ones that the control plane signed; nothing was written.",
    { retry: "temporary" },
  );
}
