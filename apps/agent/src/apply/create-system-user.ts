import { JobFailure } from "../jobs/job-failure.ts";
import { readAccounts } from "../platform/accounts.ts";
import type { Argv } from "../platform/host.ts";
import { lastWords } from "../platform/run-command.ts";
import { type Executor, nothingToUndo } from "./executor.ts";

/** Makes a system account without a shell and its group. A number that somebody else has is refused. */
export const createSystemUser: Executor<"create-system-user"> = {
  prepare: async () => nothingToUndo,
  async apply(step, { host }) {
    const accounts = await readAccounts(host);
    const run = async (argv: Argv) => {
      const result = await host.run(argv);
      if (result.exitCode !== 0)
        throw new JobFailure(`${argv[0]} could not make "${step.name}": ${lastWords(result)}`, {
          retry: "permanent",
        });
    };
    const holder = accounts.userNames.get(step.uid) ?? step.name;
    const groupHolder = accounts.groupNames.get(step.gid) ?? step.name;
    if (holder !== step.name || groupHolder !== step.name)
      throw new JobFailure(
        `The account "${step.name}" needs the number ${step.uid}, which "${holder === step.name ? groupHolder : holder}" has on this host.`,
        { retry: "permanent" },
      );
    if (!accounts.groupIds.has(step.name))
      await run(["groupadd", "--gid", String(step.gid), "--", step.name]);
    if (accounts.userIds.has(step.name)) return { outcome: "unchanged" };
    await run([
      "useradd",
      "--uid",
      String(step.uid),
      "--gid",
      String(step.gid),
      "--home-dir",
      step.home,
      "--no-create-home",
      "--shell",
      "/usr/sbin/nologin",
      "--",
      step.name,
    ]);
    return { outcome: "changed" };
  },
};
