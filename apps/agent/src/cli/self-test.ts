import { gatewayProblem, selfTest } from "../agent-update/self-test.ts";
import { vetoProblem } from "../jobs/owner-policy.ts";
import { readIdentity } from "../link/identity.ts";
import { realHost } from "../platform/host.ts";
import { checkHost, requireRoot } from "../platform/host-check.ts";
import { agentPaths } from "../platform/paths.ts";

/** EX_TEMPFAIL of sysexits(3). */
const temporaryExitCode = 75;

/** `self-test`: whether this version can take this host over. What is wrong is one sentence on standard error. */
export async function selfTestCommand(): Promise<number> {
  requireRoot();
  const host = realHost();
  const veto = await vetoProblem(host.path(agentPaths.ownerPolicy), "update-agent");
  const problem = veto === null ? await selfTest(host) : `It may not be installed: ${veto}.`;
  if (problem !== null) {
    console.error(problem);
    return 1;
  }
  const { machineId } = await checkHost(host);
  const unreachable = await gatewayProblem(await readIdentity(host.path(agentPaths.identity), machineId));
  if (unreachable === null) return 0;
  console.error(unreachable);
  return temporaryExitCode;
}
