import { stackServices } from "@mailstead/core/converge";
import { serviceProblem, unitsOf } from "../apply/service-health.ts";
import { findDrift } from "../observe/drift.ts";
import { planTarget } from "../reconcile/plan-target.ts";
import { readAppliedHost } from "./applied-host.ts";

/** `verify`: exit code 0 when every service serves, nothing was edited by hand and nothing is left to do. */
export async function verify(): Promise<number> {
  const { host, kind, identity, target } = await readAppliedHost();
  if (target === null) {
    console.log("The mail stack is not installed on this host.");
    return 1;
  }
  const { stack, plan } = await planTarget({
    host,
    suite: kind.suite,
    sealingKeys: identity.sealingKeys,
    target,
    revertsDrift: false,
  });
  const problems: string[] = [];
  for (const service of stackServices) {
    const units = unitsOf(stack, service);
    if (units.length === 0) continue;
    const problem = await serviceProblem(host, { service, units, patienceMs: 0 });
    console.log(problem === null ? `good     ${service}` : `trouble  ${service}: ${problem}`);
    if (problem !== null) problems.push(problem);
  }
  for (const { path, kind: how, diff } of await findDrift(host, stack)) {
    console.log(`drift    ${path} was ${how === "missing" ? "removed" : "edited"} by hand\n${diff}`);
    problems.push(path);
  }
  for (const { title } of plan.steps) {
    console.log(`to do    ${title}`);
    problems.push(title);
  }
  console.log(
    problems.length === 0
      ? `All is well: the host is as revision ${target.revision} says.`
      : `${problems.length} ${problems.length === 1 ? "thing needs" : "things need"} attention.`,
  );
  return problems.length === 0 ? 0 : 1;
}
