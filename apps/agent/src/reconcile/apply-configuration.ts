import { stepsWithoutWayBack } from "@mailstead/core/converge";
import type { JobArgs, JobResult } from "@mailstead/core/jobs";
import type { JobContext } from "../jobs/job-context.ts";
import { converge, type ReconcileInput } from "./converge.ts";
import { keepFormer, openFormer } from "./former-configuration.ts";

/**
 * A converge that can be taken back as a whole: what it is about to replace is kept first, under the id that the order gives.
 * What fails in it is taken back by the converge itself, step by step.
 */
export async function applyConfiguration(
  input: ReconcileInput,
  job: JobContext,
  { formerId, ...args }: JobArgs<"apply-configuration">,
): Promise<JobResult<"apply-configuration">> {
  const { host } = input;
  await openFormer(host, { formerId, targetRevision: args.targetRevision });
  let withoutWayBack: readonly string[] = [];
  const result = await converge(
    {
      ...input,
      async beforeSteps({ plan }) {
        withoutWayBack = stepsWithoutWayBack(plan);
        await keepFormer(host, { formerId, plan });
      },
    },
    job,
    args,
  );
  return { ...result, withoutWayBack: [...withoutWayBack] };
}
