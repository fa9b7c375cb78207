import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { RenderedFile } from "@mailstead/core/converge";
import type { JobArgs, JobResult } from "@mailstead/core/jobs";
import type { Suite } from "@mailstead/core/servers";
import { digestOf } from "../apply/applied-digests.ts";
import { runPlan } from "../apply/run-plan.ts";
import type { JobContext } from "../jobs/job-context.ts";
import { JobFailure } from "../jobs/job-failure.ts";
import { overridesVetoProblem } from "../jobs/owner-policy.ts";
import type { Identity } from "../link/identity.ts";
import type { GatewayRequests } from "../link/requests.ts";
import { pathExists } from "../platform/files.ts";
import type { Host } from "../platform/host.ts";
import { agentPaths } from "../platform/paths.ts";
import { type PlannedTarget, planTarget } from "./plan-target.ts";
import {
  requireNobodysKnot,
  requireNobodysMainCf,
  requireRoomForMail,
  requireRoomForWeb,
} from "./preflight.ts";
import { requireRoomForResolver } from "./preflight-resolver.ts";
import { fetchTarget, readAppliedRevision, rememberApplied } from "./target-documents.ts";

export interface ReconcileInput {
  host: Host;
  suite: Suite;
  identity: Identity;
  requests: GatewayRequests;
  /** Called with what is about to be done, after all that can refuse it has looked, and before anything of it is done. */
  beforeSteps?: (planned: PlannedTarget) => Promise<void>;
}

/** Brings the host to the target state that the job names, and proves that nothing is left to do. */
export async function converge(
  input: ReconcileInput,
  job: JobContext,
  args: JobArgs<"converge">,
): Promise<JobResult<"converge">> {
  const startedMs = performance.now();
  const { host, suite, identity } = input;
  // The journal refuses this before it is accepted; here it holds too when the journal was lost.
  const applied = await readAppliedRevision(host, identity.serverId);
  if (args.targetRevision < applied)
    throw new JobFailure(
      `This host is at revision ${applied} of its target state and does not go back to ${args.targetRevision}; going back is done by a new revision. Nothing was changed.`,
      { retry: "permanent" },
    );
  const target = await fetchTarget({ ...input, serverId: identity.serverId }, args);
  const veto = await overridesVetoProblem(host.path(agentPaths.ownerPolicy), target.overrides);
  if (veto !== null) throw new JobFailure(`Nothing was changed: ${veto}.`, { retry: "permanent" });
  const planInput = {
    host,
    suite,
    sealingKeys: identity.sealingKeys,
    target,
    revertsDrift: args.revertsDrift,
  };
  const planned = onlyFiles(await planTarget(planInput), job);
  const { stack, plan } = planned;
  await requireNobodysMainCf(host, planned);
  await requireRoomForWeb(host, planned);
  await requireRoomForResolver(host, planned);
  requireNobodysKnot(planned);
  if (plan.steps.some((step) => step.kind === "install-packages")) await requireRoomForMail(host, stack);
  await input.beforeSteps?.(planned);
  const result = await runPlan(plan, { host, job, stack });
  for (const path of plan.keptDrift)
    job.logLine(
      "warning",
      `${path} was edited on the host and is left as it is, as this server's policy says.`,
    );
  if (plan.steps.length > 0 && !job.isOwn) await tellWhatIsLeft(planInput, job);
  await rememberApplied(host, target);
  await pruneBackups(host);
  return { ...result, tookMs: Math.round(performance.now() - startedMs) };
}

/**
 * What an agent does of itself: put files back as it wrote them last. It installs nothing, starts nothing that a person stopped,
 * and brings nothing that is rendered otherwise by now: that is for an order, as rollouts give it server by server.
 */
function onlyFiles(planned: PlannedTarget, job: JobContext): PlannedTarget {
  if (!job.isOwn) return planned;
  const wasWritten = ({ path, content }: RenderedFile) =>
    planned.observed.files[path]?.lastAppliedDigest === digestOf(content);
  const steps = planned.plan.steps.flatMap((step) => {
    if (step.kind !== "apply-files") return [];
    const writes = step.writes.filter(wasWritten);
    return writes.length === 0 ? [] : { ...step, writes, removes: [] };
  });
  return { ...planned, plan: { ...planned.plan, steps } };
}

/** Looks once more: a plan that is not empty now means that something on the host works against us. */
async function tellWhatIsLeft(planInput: Parameters<typeof planTarget>[0], job: JobContext): Promise<void> {
  const { plan } = await planTarget(planInput);
  for (const step of plan.steps)
    job.logLine(
      "warning",
      `After the work this is still to be done, so something on the host undoes it: ${step.title}`,
    );
}

const backupsKeptMax = 5;

/** Keeps the copies of the last jobs, for a person who wants to look at them, and forgets older ones. */
async function pruneBackups(host: Host): Promise<void> {
  const folder = host.path(agentPaths.backups);
  if (!(await pathExists(folder))) return;
  const aged = await Promise.all(
    (await readdir(folder)).map(async (name) => ({
      name,
      modifiedMs: (await stat(join(folder, name))).mtimeMs,
    })),
  );
  const old = aged.toSorted((left, right) => right.modifiedMs - left.modifiedMs).slice(backupsKeptMax);
  for (const { name } of old) await rm(join(folder, name), { recursive: true, force: true });
}
