import type { JobArgs, JobResult } from "@mailstead/core/jobs";
import type { Host } from "../platform/host.ts";
import { lastWords } from "../platform/run-command.ts";
import { JobFailure } from "./job-failure.ts";

/**
 * Begins to roll the key that a zone's DS record leads to; Knot takes every further step by itself as the world shows it.
 * A zone whose key is being rolled already is left alone, so that an order that is run again begins nothing anew.
 */
export async function rollZoneKey(
  host: Host,
  { zone }: JobArgs<"roll-zone-key">,
): Promise<JobResult<"roll-zone-key">> {
  const read = await host.run(["knotc", "zone-read", zone, "@", "DNSKEY"]);
  if (read.exitCode !== 0)
    throw new JobFailure(`Knot shows no keys of ${zone}: ${lastWords(read)}`, { retry: "temporary" });
  // Flags 257: the keys that a DS record may lead to (RFC 4034 §2.1.1).
  const keys = read.stdout.split("\n").filter((line) => / DNSKEY 257 /.test(line));
  if (keys.length > 1) return { wasRolling: true };
  const begun = await host.run(["knotc", "zone-key-rollover", zone, "ksk"]);
  if (begun.exitCode !== 0)
    throw new JobFailure(`Knot could not begin to roll the key of ${zone}: ${lastWords(begun)}`, {
      retry: "temporary",
    });
  return { wasRolling: false };
}
