import { JobFailure } from "../jobs/job-failure.ts";
import { readPackages } from "../observe/packages.ts";
import { aptFailure, aptGet, freshenLists, mendHalfDoneWork, runApt, updateLists } from "./apt.ts";
import type { Executor } from "./executor.ts";
import { allowServiceStartsAfter, forbidServiceStarts, packageUnitName } from "./package-work.ts";

/**
 * Installs Debian packages: waits for the lock that another apt holds, keeps conffiles that the owner changed, and
 * lets no service start. The work survives a stop of the agent; what it leaves half done is mended by the next run.
 */
export const installPackages: Executor<"install-packages"> = {
  async prepare(_step, { job }) {
    return { kind: "package-work", unit: packageUnitName(job.order.jobId) };
  },
  async apply(step, context) {
    const { host, job } = context;
    const before = await readPackages(host, step.packages);
    await forbidServiceStarts(host);
    try {
      const left = await mendHalfDoneWork(context);
      if (left !== null) throw left;
      await freshenLists(context);
      const install = aptGet("install", "--", ...step.packages);
      let result = await runApt(context, install);
      if (
        result.exitCode !== 0 &&
        /Unable to locate package|404 +Not Found|Hash Sum mismatch/.test(result.stdout)
      ) {
        job.logLine("warning", "The package lists are out of date; they are fetched again.");
        await updateLists(context);
        result = await runApt(context, install);
      }
      if (result.exitCode !== 0) throw aptFailure(result);
    } finally {
      await allowServiceStartsAfter(host, packageUnitName(job.order.jobId));
    }
    const after = await readPackages(host, step.packages);
    const missing = step.packages.filter((name) => after[name] === undefined);
    if (missing.length > 0)
      throw new JobFailure(`apt-get ended well, but ${missing.join(", ")} is not installed.`, {
        retry: "temporary",
      });
    return { outcome: "changed", detail: versionChanges(before, after) };
  },
};

function versionChanges(before: Record<string, string>, after: Record<string, string>): string {
  return Object.entries(after)
    .filter(([name, version]) => before[name] !== version)
    .map(([name, version]) =>
      before[name] === undefined ? `${name} ${version}` : `${name} ${before[name]} -> ${version}`,
    )
    .join("\n");
}
