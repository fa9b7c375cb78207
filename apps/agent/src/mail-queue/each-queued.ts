import { type QueueEntry, readQueueLine } from "@mailstead/core/mail-queue";
import { isProbeAddress } from "@mailstead/core/mailboxes";
import { JobFailure } from "../jobs/job-failure.ts";
import type { Host } from "../platform/host.ts";
import { lastWords } from "../platform/run-command.ts";

// A queue of a million messages takes Postfix a minute to list.
const listWithinMs = 90_000;

/**
 * Gives each message of the mail queue, as postqueue(1) lists them, but those by which the host tries its own mail. Throws
 * JobFailure when it cannot be listed.
 */
export function eachQueued(host: Host, onEntry: (entry: QueueEntry) => void): Promise<void> {
  return each(host, (entry) => {
    if (!isOfProbe(entry)) onEntry(entry);
  });
}

/** Gives each by which the host tried its own mail. Throws as `eachQueued` does. */
export function eachQueuedProbe(host: Host, onEntry: (entry: QueueEntry) => void): Promise<void> {
  return each(host, (entry) => {
    if (isOfProbe(entry)) onEntry(entry);
  });
}

function isOfProbe({ recipients }: QueueEntry): boolean {
  return recipients.length > 0 && recipients.every(isProbeAddress);
}

async function each(host: Host, onEntry: (entry: QueueEntry) => void): Promise<void> {
  const result = await host.run(["postqueue", "-j"], {
    timeoutMs: listWithinMs,
    onLine(line) {
      const entry = readQueueLine(line);
      if (entry !== null) onEntry(entry);
    },
  });
  if (result.exitCode !== 0)
    throw new JobFailure(
      `The mail queue could not be read: ${lastWords(result)}. See whether Postfix runs on this host.`,
      { retry: "temporary" },
    );
}
