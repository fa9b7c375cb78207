import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { JobArgs, JobResult } from "@mailstead/core/jobs";
import { cutText } from "@mailstead/core/text";
import type { JobContext } from "../jobs/job-context.ts";
import { JobFailure } from "../jobs/job-failure.ts";
import { pathExists, removeFile } from "../platform/files.ts";
import type { Host } from "../platform/host.ts";
import { agentPaths } from "../platform/paths.ts";
import { type Facts, readUpdaterFile, writeFacts } from "./updater-files.ts";

const lookEveryMs = 500;

/**
 * Hands the order to the updater and waits for its answer. The updater restarts the agent meanwhile, so the job is begun
 * by one version and ended by another: whichever runs in the end calls this again. Throws JobFailure in the updater's
 * words when the version was refused or taken back.
 */
export async function updateAgent(
  host: Host,
  job: JobContext,
  { version, manifestDigest }: JobArgs<"update-agent">,
): Promise<JobResult<"update-agent">> {
  const startedMs = performance.now();
  const { jobId } = job.order;
  if (!(await isHandedOver(host, jobId)) && (await answerTo(host, jobId)) === null) {
    job.requireGoOn();
    if (!(await pathExists(host.path(agentPaths.updaterProgram))))
      throw new JobFailure(
        'This host has no updater yet. Run the install command there once with "update" in the place of the token.',
        { retry: "permanent" },
      );
    const request = { version, digest: manifestDigest, job: jobId };
    await writeFacts(host, join(agentPaths.updater, "request"), request);
    job.logLine("info", `The updater was told to install agent ${version}.`);
  }
  while (await isHandedOver(host, jobId)) await look(host, job);
  const answer = await answerTo(host, jobId);
  if (answer === null)
    throw new JobFailure("The updater forgot the order; run the job again.", { retry: "temporary" });
  const sentence = cutText(answer["sentence"] ?? "The updater gave no reason.", 1000);
  if (answer["outcome"] !== "succeeded")
    throw new JobFailure(sentence, { retry: answer["retry"] === "temporary" ? "temporary" : "permanent" });
  job.logLine("info", sentence);
  return { version, tookMs: Math.round(performance.now() - startedMs) };
}

/** True while the updater has the order before it. It answers before it lets go of it. */
async function isHandedOver(host: Host, jobId: string): Promise<boolean> {
  // An order turns into a trial, so it is looked for in that order.
  for (const name of ["request", "pending"] as const)
    if ((await readUpdaterFile(host, name))?.["job"] === jobId) return true;
  return false;
}

async function answerTo(host: Host, jobId: string): Promise<Facts | null> {
  const result = await readUpdaterFile(host, "result");
  return result?.["job"] === jobId ? result : null;
}

/** Waits a little; takes the order back when the job's time is over and the updater has not begun. */
async function look(host: Host, job: JobContext): Promise<void> {
  try {
    await wait(lookEveryMs, undefined, { signal: job.signal });
  } catch (cause) {
    const request = await readUpdaterFile(host, "request");
    if (request?.["job"] === job.order.jobId)
      await removeFile(host.path(join(agentPaths.updater, "request")));
    throw new JobFailure(
      "The updater gave no answer in time; journalctl -u mailstead-updater on the host tells more.",
      { retry: "temporary", cause },
    );
  }
}
