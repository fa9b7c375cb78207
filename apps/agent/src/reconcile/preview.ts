import { maskedDiff, type Step, unifiedDiff } from "@mailstead/core/converge";
import type { JobArgs, JobResult } from "@mailstead/core/jobs";
import type { ReconcileInput } from "./converge.ts";
import { type PlannedTarget, planTarget } from "./plan-target.ts";
import { fetchTarget } from "./target-documents.ts";

// What a result frame can carry beside everything else.
const diffsMaxLength = 700_000;

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

/** Each step's title and diff; long ones are cut so that the whole stays within a frame. */
export function describeSteps(planned: PlannedTarget): { title: string; diff: string }[] {
  let room = diffsMaxLength;
  return planned.plan.steps.map((step) => {
    const diff = diffOf(step, planned);
    const shown = diff.length <= room ? diff : `${diff.slice(0, Math.max(0, room))}\n… cut here\n`;
    room -= Math.min(diff.length, room);
    return { title: step.title, diff: shown };
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
