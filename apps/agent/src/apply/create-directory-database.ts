import { chmod, mkdir, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { createDirectory } from "../directory/directory-database.ts";
import { pathExists, syncFolder, temporaryName } from "../platform/files.ts";
import { type Executor, nothingToUndo } from "./executor.ts";

/** Makes the empty mail directory that Postfix and Dovecot read. One that exists keeps its rows. */
export const createDirectoryDatabase: Executor<"create-directory-database"> = {
  prepare: async () => nothingToUndo,
  async apply(step, { host }) {
    const path = host.path(step.path);
    if (await pathExists(path)) return { outcome: "unchanged" };
    await mkdir(dirname(path), { recursive: true });
    const aside = temporaryName(path);
    try {
      await createDirectory(aside);
      await host.setOwner(aside, step);
      await chmod(aside, step.mode);
      await rename(aside, path);
    } finally {
      await rm(aside, { force: true });
    }
    await syncFolder(dirname(path));
    return { outcome: "changed" };
  },
};
