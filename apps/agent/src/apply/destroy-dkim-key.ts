import { removeFile } from "../platform/files.ts";
import { type Executor, nothingToUndo } from "./executor.ts";

/**
 * Removes a private DKIM key that has ended. There is no way back, which is why the control plane asks for it only
 * long after the last mail with it has arrived.
 */
export const destroyDkimKey: Executor<"destroy-dkim-key"> = {
  prepare: async () => nothingToUndo,
  async apply(step, { host }) {
    return { outcome: (await removeFile(host.path(step.path))) ? "changed" : "unchanged" };
  },
};
