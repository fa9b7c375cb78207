import { join } from "node:path";
import type { RenderedFile, StackService, StepOf } from "@mailstead/core/converge";
import { maskedDiff, unifiedDiff } from "@mailstead/core/converge";
import { cutText } from "@mailstead/core/text";
import { JobFailure } from "../jobs/job-failure.ts";
import { readUnits } from "../observe/units.ts";
import { readTextIfExists, removeFile, writeFileAtomically } from "../platform/files.ts";
import type { Host } from "../platform/host.ts";
import { agentPaths } from "../platform/paths.ts";
import { lastWords } from "../platform/run-command.ts";
import { digestOf, recordAppliedDigests } from "./applied-digests.ts";
import { backUp } from "./back-up.ts";
import { coolMainCf } from "./cool-main-cf.ts";
import type { ApplyContext, Executor } from "./executor.ts";
import { readRspamdWorkers, rspamdReloadProblem } from "./rspamd-workers.ts";
import { serviceProblem, unitsOf } from "./service-health.ts";
import { checkStaged } from "./staged-check.ts";
import { activationVerb, reloadManager } from "./take-back.ts";

type ApplyFilesStep = StepOf<"apply-files">;

/**
 * Swaps all changed files of one service: the service checks them aside, the old ones are copied, each new one takes
 * its place whole, the service is reloaded and asked whether it serves.
 */
export const applyFiles: Executor<"apply-files"> = {
  async prepare(step, { host, job, stack }) {
    // A service that is no longer wanted has no configuration left that could be right or wrong.
    const isWanted = stack.files.some(({ service }) => service === step.service);
    const staging = join(agentPaths.staging, job.order.jobId);
    const remarks = isWanted ? await checkStaged(host, staging, step) : [];
    for (const remark of remarks) job.logLine("warning", `${step.service} remarks: ${remark}`);
    const files = await backUp(host, {
      folder: join(agentPaths.backups, job.order.jobId, step.id.replace(/[^\w.-]/g, "_")),
      paths: touchedPaths(step),
    });
    const { service, activation } = step;
    return { kind: "restore-files", service, units: unitsOf(stack, service), activation, files };
  },
  async apply(step, context) {
    const { host } = context;
    const changedPaths: string[] = [];
    for (const file of step.writes) {
      await tellChange(context, file.path, file);
      await writeFileAtomically(host.path(file.path), file.content, {
        mode: file.mode,
        prepare: async (temporaryPath) => {
          await host.setOwner(temporaryPath, file);
          await coolMainCf(file.path, temporaryPath);
        },
      });
      changedPaths.push(file.path);
    }
    for (const path of step.removes) {
      await tellChange(context, path, null);
      if (await removeFile(host.path(path))) changedPaths.push(path);
    }
    await activate(step, context);
    await recordAppliedDigests(host, {
      ...Object.fromEntries(step.writes.map((file) => [file.path, digestOf(file.content)])),
      ...Object.fromEntries(step.removes.map((path) => [path, null])),
    });
    return { outcome: changedPaths.length > 0 ? "changed" : "unchanged", changedPaths };
  },
};

function touchedPaths(step: ApplyFilesStep): string[] {
  return [...step.writes.map(({ path }) => path), ...step.removes];
}

async function tellChange(
  { host, job }: ApplyContext,
  path: string,
  file: RenderedFile | null,
): Promise<void> {
  const before = await readTextIfExists(host.path(path));
  // A file that is going away may have held a credential, and nothing here says that it did not.
  const isSecret = file === null || file.isSecret;
  const diff = (isSecret ? maskedDiff : unifiedDiff)(path, before, file?.content ?? null);
  if (diff !== "") job.report({ kind: "file-changed", path, diff });
}

/** Has the running units of the service take up the files, and throws when it then does not serve. */
async function activate(step: ApplyFilesStep, { host, stack }: ApplyContext): Promise<void> {
  await reloadManager(host, touchedPaths(step));
  const units = await runningUnits(host, unitsOf(stack, step.service));
  if (step.activation === "none" || units.length === 0) return;
  const verb = activationVerb(step.activation);
  const problem = await activationProblem(host, { service: step.service, units, verb });
  if (problem === null) return;
  const said = `${step.service} did not serve with its new configuration: ${problem}.${await lastComplaint(host, units)}`;
  // A full disk is no fault of the configuration: with some space the same job may succeed.
  throw new JobFailure(said, { retry: speaksOfFullDisk.test(said) ? "temporary" : "permanent" });
}

const speaksOfFullDisk = /no space left on device|insufficient system storage/i;

async function activationProblem(
  host: Host,
  { service, units, verb }: { service: StackService; units: readonly string[]; verb: string },
): Promise<string | null> {
  const before = service === "rspamd" && verb !== "restart" ? await readRspamdWorkers(host) : {};
  const result = await host.run(["systemctl", verb, "--", ...units]);
  if (result.exitCode !== 0) return `systemctl ${verb} failed: ${lastWords(result)}`;
  return (await rspamdReloadProblem(host, before)) ?? (await serviceProblem(host, { service, units }));
}

async function runningUnits(host: Host, units: readonly string[]): Promise<string[]> {
  const states = await readUnits(host, units);
  return units.filter((unit) => states[unit]?.isActive || states[unit]?.isFailed);
}

/** What the service itself said last in the system journal, for the sentence. */
export async function lastComplaint(host: Host, units: readonly string[]): Promise<string> {
  const result = await host.run([
    "journalctl",
    "--no-pager",
    "--output=cat",
    "--lines=200",
    "--since=-60s",
    ...units.map((unit) => `--unit=${unit}`),
  ]);
  const lines = result.stdout.split("\n").filter((line) => /fatal|error|panic|failed/i.test(line));
  return lines.length === 0 ? "" : ` It said: ${cutText([...new Set(lines)].slice(-3).join(" / "), 1500)}`;
}
