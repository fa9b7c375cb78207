import { planRestore, withFormerFiles } from "@mailstead/core/converge";
import type { JobArgs, JobResult } from "@mailstead/core/jobs";
import { runPlan } from "../apply/run-plan.ts";
import type { JobContext } from "../jobs/job-context.ts";
import { JobFailure } from "../jobs/job-failure.ts";
import { observeState } from "../observe/observe-state.ts";
import type { ReconcileInput } from "./converge.ts";
import { formerFolder, readFormer, readFormerFiles, restoreDigests } from "./former-configuration.ts";
import { renderTarget } from "./plan-target.ts";
import { readApplied, returnToTarget } from "./target-documents.ts";

/**
 * Puts back every file that a rollout replaced, as each service's own check allows, and has the host be at the revision from
 * before. Throws JobFailure, before anything is changed, when nothing was kept or when the host has come to a newer revision
 * since, which this would take away as well.
 */
export async function restoreConfiguration(
  { host, suite, identity }: ReconcileInput,
  job: JobContext,
  { formerId }: JobArgs<"restore-configuration">,
): Promise<JobResult<"restore-configuration">> {
  const startedMs = performance.now();
  const former = await readFormer(host, formerId);
  const target = await readApplied(host);
  if (former === null || target === null)
    throw new JobFailure(
      "This host keeps no configuration from before that rollout: nothing of it was begun here, or others came since. Nothing was changed.",
      { retry: "permanent" },
    );
  if (target.revision > former.broughtRevision)
    throw new JobFailure(
      `This host has come to revision ${target.revision} since, and going back would take that away as well. Nothing was changed.`,
      { retry: "permanent" },
    );
  const files = await readFormerFiles(host, former);
  const stack = withFormerFiles(renderTarget({ suite, sealingKeys: identity.sealingKeys, target }), files);
  const plan = planRestore(stack, await observeState(host, stack), files);
  const { changedPaths } = await runPlan(plan, { host, job, stack });
  await restoreDigests(host, former);
  const revision = await returnToTarget(host, formerFolder(formerId));
  return { changedPaths, revision, tookMs: Math.round(performance.now() - startedMs) };
}
