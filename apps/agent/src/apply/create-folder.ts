import { chmod, mkdir, stat } from "node:fs/promises";
import { isMissing } from "../platform/files.ts";
import { type Executor, nothingToUndo } from "./executor.ts";

/** Makes a folder, or gives one that exists its owner and mode; never touches what is in it. */
export const createFolder: Executor<"create-folder"> = {
  prepare: async () => nothingToUndo,
  async apply({ folder }, { host }) {
    const path = host.path(folder.path);
    let existed = true;
    try {
      await stat(path);
    } catch (error) {
      if (!isMissing(error)) throw error;
      existed = false;
      // Closed until its owner is right, so that nobody looks in meanwhile.
      await mkdir(path, { recursive: true, mode: 0o700 });
    }
    await host.setOwner(path, folder);
    await chmod(path, folder.mode);
    return { outcome: "changed", detail: existed ? "owner or mode set" : "made" };
  },
};
