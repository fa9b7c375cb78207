import { maskedDiff, type Step, unifiedDiff } from "@mailstead/core/converge";
import type { JobArgs, JobResult } from "@mailstead/core/jobs";
import type { ReconcileInput } from "./converge.ts";
import { type PlannedTarget, planTarget } from "./plan-target.ts";
import { fetchTarget } from "./target-documents.ts";

// What a result frame can carry beside everything else.
const diffsMaxBytes = 600_000;

/** Says step by step what a converge would do, with the diff of every file. Changes nothing. */
export async function preview(
  input: ReconcileInput,
  args: JobArgs<"preview">,
): Promise<JobResult<"preview">> {
  const target = await fetchTarget({ ...input, serverId: input.identity.serverId }, args);
  const { host, suite, identity } = input;
  const planned = await planTarget({
    host,
    suite,
    sealingKeys: identity.sealingKeys,
    target,
    revertsDrift: false,
  });
  return { steps: describeSteps(planned) };
}

/** Each step's title and diff; what no longer fits beside the others is left out and said to be. */
export function describeSteps(planned: PlannedTarget): { title: string; diff: string }[] {
  let room = diffsMaxBytes;
  return planned.plan.steps.map((step) => {
    const diff = diffOf(step, planned);
    // As it will stand in the frame, where line feeds and quotes take two bytes.
    const bytes = Buffer.byteLength(JSON.stringify(diff));
    if (bytes > room) return { title: step.title, diff: "… too long to be shown here\n" };
    room -= bytes;
    return { title: step.title, diff };
  });
}

function diffOf(step: Step, { observed }: PlannedTarget): string {
  if (step.kind !== "apply-files") return "";
  const before = (path: string) => observed.files[path]?.content ?? null;
  return [
    ...step.writes.map(({ path, content, isSecret }) =>
      (isSecret ? maskedDiff : unifiedDiff)(path, before(path), content),
    ),
    ...step.removes.map((path) => maskedDiff(path, before(path), null)),
  ].join("");
}
