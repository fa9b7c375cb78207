import type { Check } from "./check.ts";
import { nonEmptyLines, runTool } from "./run-tool.ts";

/** Tests that need neither a database nor a build, so that `npm run verify` stays quick. */
const folders = ["packages/core", "infra/checks"];

export const checkPureTests: Check = {
  promise: `tests pass in ${folders.join(" and ")}`,
  async find(root) {
    const { status, output } = await runTool(root, "vitest", ["run", "--reporter=dot", ...folders]);
    return status === 0 ? [] : nonEmptyLines(output).slice(-60);
  },
};
