import type { Check } from "./check.ts";
import { runTool } from "./run-tool.ts";

const findingsMax = 200;

interface BiomeReport {
  readonly diagnostics: readonly {
    readonly category: string;
    readonly severity: string;
    readonly message: string;
    readonly location: { readonly path: string; readonly start?: { readonly line: number } };
  }[];
}

export const checkLint: Check = {
  promise: "Biome finds nothing to format or to mend",
  async find(root) {
    const args = ["check", "--reporter=json", `--max-diagnostics=${findingsMax}`, "."];
    const { status, output } = await runTool(root, "biome", args);
    const report = output.split("\n").find((line) => line.startsWith("{"));
    if (!report) return status === 0 ? [] : [`Biome failed: ${output.trim()}`];
    const findings = (JSON.parse(report) as BiomeReport).diagnostics
      .filter(({ severity }) => severity === "error" || severity === "fatal")
      .map(
        ({ category, message, location }) =>
          `${location.path}:${location.start?.line ?? 1} ${category}: ${message}`,
      );
    return status !== 0 && findings.length === 0 ? [`Biome failed: ${output.trim()}`] : findings;
  },
};
