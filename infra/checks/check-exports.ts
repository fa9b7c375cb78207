import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Check } from "./check.ts";
import { importTable } from "./import-table.ts";
import { readWorkspaces, type Workspace } from "./workspaces.ts";

export const checkExports: Check = {
  promise: "packages export their slices and nothing deeper",
  async find(root) {
    return readWorkspaces(root).flatMap((workspace) =>
      Object.entries(workspace.packageJson.exports ?? {}).flatMap(([subpath, target]) => {
        const refusal = refuseExport(root, { workspace, subpath, target });
        return refusal ? [`${workspace.folder}/package.json exports "${subpath}": ${refusal}.`] : [];
      }),
    );
  },
};

function refuseExport(
  root: string,
  { workspace, subpath, target }: { workspace: Workspace; subpath: string; target: unknown },
): string | null {
  if (typeof target !== "string") return "give it one file, without conditions";
  if (subpath.includes("*") || target.includes("*"))
    return "a pattern would open every file; name each slice";
  if (!existsSync(join(root, workspace.folder, target))) return `${target} does not exist`;
  const hasSlices = importTable[workspace.packageJson.name]?.hasSlices ?? false;
  const slice = /^\.\/([a-z0-9-]+)$/.exec(subpath)?.[1];
  if (hasSlices && target !== `./src/${slice}/index.ts`)
    return `a slice is exported as "./<slice>": "./src/<slice>/index.ts"`;
  return null;
}
