import type { JobArgs, JobResult } from "@mailstead/core/jobs";
import type { Host } from "../platform/host.ts";
import { lastWords } from "../platform/run-command.ts";
import { JobFailure } from "./job-failure.ts";

/** Lets an address in again that the brute-force guard shut out, in every jail. */
export async function unbanAddress(
  host: Host,
  { address }: JobArgs<"unban-address">,
): Promise<JobResult<"unban-address">> {
  const result = await host.run(["fail2ban-client", "unban", address]);
  if (result.exitCode !== 0)
    throw new JobFailure(`fail2ban could not unban ${address}: ${lastWords(result)}`, { retry: "temporary" });
  // It answers with the number of jails that held the address.
  return { wasBanned: Number(result.stdout.trim()) > 0 };
}
