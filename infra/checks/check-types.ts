import { globSync } from "node:fs";
import type { Check } from "./check.ts";
import { nonEmptyLines, runTool } from "./run-tool.ts";
import { readWorkspaces, type Workspace } from "./workspaces.ts";

/** Type checks each tsconfig of each workspace. */
export function typeChecks(root: string): readonly Check[] {
  return readWorkspaces(root).flatMap((workspace) =>
    globSync("tsconfig*.json", { cwd: `${root}/${workspace.folder}` }).map((file) =>
      typeCheck(workspace, file),
    ),
  );
}

function typeCheck({ folder }: Workspace, file: string): Check {
  return {
    promise: `types hold in ${folder}${file === "tsconfig.json" ? "" : ` (${file})`}`,
    async find(root) {
      const buildInfo = `node_modules/.cache/mailstead/${folder.replace("/", "-")}-${file}.tsbuildinfo`;
      const args = ["--noEmit", "--pretty", "false", "--incremental", "--tsBuildInfoFile", buildInfo];
      const { status, output } = await runTool(root, "tsc", ["-p", `${folder}/${file}`, ...args]);
      if (status === 0) return [];
      const lines = nonEmptyLines(output).filter((line) => !line.startsWith(" "));
      return lines.length > 0 ? lines : [`tsc ended with ${status} and no message.`];
    },
  };
}

export const checkCorePurity: Check = {
  promise: "core compiles without node, browser, clock or timers",
  async find(root) {
    const { output } = await runTool(root, "tsc", ["-p", "packages/core/tsconfig.json", "--showConfig"]);
    const start = output.indexOf("{");
    if (start < 0) return [`packages/core/tsconfig.json cannot be read: ${output.trim()}`];
    const { compilerOptions, exclude } = JSON.parse(output.slice(start)) as {
      compilerOptions: { lib?: string[]; types?: string[]; rootDir?: string };
      exclude?: string[];
    };
    const findings: string[] = [];
    if (compilerOptions.lib?.join() !== "es2024")
      findings.push(`packages/core/tsconfig.json: lib must be ["ES2024"], which names no I/O.`);
    if (compilerOptions.types?.length !== 0)
      findings.push("packages/core/tsconfig.json: types must be [], so that node's globals stay unknown.");
    if (exclude?.some((pattern) => pattern !== "src/**/*.test.ts"))
      findings.push("packages/core/tsconfig.json: only tests may be excluded.");
    return findings;
  },
};
