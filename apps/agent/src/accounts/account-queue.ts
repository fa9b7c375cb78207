import { z } from "zod";
import { JobFailure } from "../jobs/job-failure.ts";
import type { Host } from "../platform/host.ts";
import { parseJson } from "../platform/parse-json.ts";
import { lastWords } from "../platform/run-command.ts";

const queueLine = z.object({ queue_name: z.string(), queue_id: z.string(), sender: z.string() });
/** Messages that are asked about in one run of postcat(1). */
const atOnceMax = 100;

/**
 * Queue ids of the messages that an account handed in and that are not on hold. Of those with a sender that the account may
 * use, Postfix's own note in the message says who signed in: an alias may be used by several.
 */
export async function findQueuedOf(
  host: Host,
  { address, senders }: { address: string; senders: ReadonlySet<string> },
): Promise<string[]> {
  const candidates: string[] = [];
  const listed = await host.run(["postqueue", "-j"], {
    timeoutMs: 60_000,
    onLine: (text) => {
      const line = queueLine.safeParse(parseJson(text));
      if (line.success && line.data.queue_name !== "hold" && senders.has(line.data.sender.toLowerCase()))
        candidates.push(line.data.queue_id);
    },
  });
  if (listed.exitCode !== 0)
    throw new JobFailure(`The mail queue could not be read: ${lastWords(listed)}`, { retry: "temporary" });
  const found: string[] = [];
  for (let from = 0; from < candidates.length; from += atOnceMax)
    found.push(...(await ofAccount(host, { address, queueIds: candidates.slice(from, from + atOnceMax) })));
  return found;
}

async function ofAccount(
  host: Host,
  { address, queueIds }: { address: string; queueIds: readonly string[] },
): Promise<string[]> {
  const found = new Set<string>();
  let current: string | null = null;
  // A message that has left meanwhile makes it fail, after it has shown the others.
  await host.run(["postcat", "-eq", ...queueIds], {
    onLine: (line) => {
      const name = /^\*\*\* ENVELOPE RECORDS (?:\S*\/)?(\w+) \*\*\*$/.exec(line)?.[1];
      if (name !== undefined) current = name;
      const login = /^named_attribute: sasl_username=(.*)$/.exec(line)?.[1];
      if (login !== undefined && current !== null && login.toLowerCase() === address) found.add(current);
    },
  });
  return queueIds.filter((queueId) => found.has(queueId));
}

/** Puts messages on hold, or takes them from it again. Those that are not there any more are passed over. */
export async function moveMessages(
  host: Host,
  { to, queueIds }: { to: "hold" | "queue"; queueIds: readonly string[] },
): Promise<void> {
  if (queueIds.length === 0) return;
  const moved = await host.run(["postsuper", to === "hold" ? "-h" : "-H", "-"], {
    input: `${queueIds.join("\n")}\n`,
  });
  if (moved.exitCode !== 0)
    throw new JobFailure(
      `Messages could not be put ${to === "hold" ? "on" : "off"} hold: ${lastWords(moved)}`,
      {
        retry: "temporary",
      },
    );
}
