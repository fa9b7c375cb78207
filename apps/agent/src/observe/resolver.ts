import { stackPaths } from "@mailstead/core/mail-flow";
import type { Host } from "../platform/host.ts";
import { lastWords } from "../platform/run-command.ts";

/**
 * A sentence when the host's own resolver gets no answer from the world's name servers, or none that it can validate,
 * though it runs; else null.
 */
export async function resolverProblem(host: Host): Promise<string | null> {
  const result = await host.run([stackPaths.danePolicies, "--check"]);
  return result.exitCode === 0 ? null : lastWords(result);
}
