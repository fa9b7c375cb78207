import type { JobResult } from "@mailstead/core/jobs";
import { JobFailure } from "../jobs/job-failure.ts";
import { pathExists } from "../platform/files.ts";
import type { Host } from "../platform/host.ts";
import { findQueuedOf, moveMessages } from "./account-queue.ts";
import { addHeldAccount, addHeldMessages, readHeldMessages, readSendersOf } from "./held-accounts.ts";

export interface AccountInput {
  readonly host: Host;
  /** Where the mail directory really lies, which Postfix asks at each recipient. */
  readonly directoryPath: string;
}

/**
 * Lets an account send no more: what it hands in is deferred from the commit on, and what of it is queued goes on hold.
 * Running it again holds what has come since. It outlives restarts and every sync of the directory.
 */
export async function holdAccount(
  input: AccountInput,
  { address, by }: { address: string; by: "agent" | "person" },
): Promise<JobResult<"hold-account">> {
  await requireDirectory(input.directoryPath);
  await addHeldAccount(input.directoryPath, { address, since: input.host.nowUnixMs(), by });
  await holdQueued(input, address);
  return { messagesHeld: (await readHeldMessages(input.directoryPath, address)).length };
}

/** Puts what an account that is held still has in the queue on hold; a message that was half handed in comes a moment late. */
export async function holdQueued({ host, directoryPath }: AccountInput, address: string): Promise<void> {
  const senders = await readSendersOf(directoryPath, address);
  const queueIds = await findQueuedOf(host, { address, senders });
  if (queueIds.length === 0) return;
  await addHeldMessages(directoryPath, { address, queueIds });
  await moveMessages(host, { to: "hold", queueIds });
}

/** Throws JobFailure before the mail stack is installed. */
export async function requireDirectory(path: string): Promise<void> {
  if (!(await pathExists(path)))
    throw new JobFailure("The mail stack is not installed on this host, so it has no accounts.", {
      retry: "permanent",
    });
}
