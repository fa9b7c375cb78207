import type { HealthCheck } from "@mailstead/core/updates";
import type { Host } from "../platform/host.ts";
import { lastWords } from "../platform/run-command.ts";
import { badCheck, okCheck, unknownCheck } from "./health-checks.ts";

/** Whether dpkg has nothing half done. */
export async function checkPackages(host: Host): Promise<HealthCheck> {
  const result = await host.run(["dpkg", "--audit"], { timeoutMs: 60_000 });
  if (result.exitCode === null)
    return unknownCheck("packages", `dpkg could not be asked: ${lastWords(result)}.`);
  if (result.exitCode === 0 && result.stdout.trim() === "")
    return okCheck("packages", "dpkg has no package half done.");
  // Names stand at the beginning of lines that a blank begins, each with what the package is.
  const names = [...result.stdout.matchAll(/^ ([a-z0-9][a-z0-9+.-]*)(?::\S+)?(?:\s|$)/gm)].map(
    ([, name]) => name ?? "",
  );
  const which = names.length === 0 ? lastWords(result) : names.join(", ");
  return badCheck("packages", `dpkg --audit finds packages half done: ${which}.`, names);
}
