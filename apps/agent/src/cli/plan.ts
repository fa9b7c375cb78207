import { planTarget } from "../reconcile/plan-target.ts";
import { describeSteps } from "../reconcile/preview.ts";
import { readAppliedHost } from "./applied-host.ts";

/** `plan`: what a converge to the target state last applied would do, with every diff. Changes nothing. */
export async function plan(): Promise<number> {
  const { host, kind, identity, target } = await readAppliedHost();
  if (target === null) {
    console.log(
      "This host is enrolled, and its mail stack is not installed yet. Install it from the dashboard.",
    );
    return 0;
  }
  const planned = await planTarget({
    host,
    suite: kind.suite,
    sealingKeys: identity.sealingKeys,
    target,
    revertsDrift: false,
  });
  const steps = describeSteps(planned);
  if (steps.length === 0) console.log(`Nothing to do: the host is as revision ${target.revision} says.`);
  for (const [index, { title, diff }] of steps.entries()) {
    console.log(`${index + 1}. ${title}`);
    if (diff !== "") console.log(diff);
  }
  for (const path of planned.plan.keptDrift) console.log(`Edited by hand and left as it is: ${path}`);
  return 0;
}
