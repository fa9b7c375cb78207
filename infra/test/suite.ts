import { existsSync } from "node:fs";
import { join } from "node:path";
import { readReport, type SuiteReport } from "./report.ts";
import { runProgram } from "./run-program.ts";

export interface Suite {
  readonly title: string;
  /** Arguments of vitest that choose the tests. */
  readonly args: readonly string[];
  /** What has to be over before it starts, when anything has. */
  readonly after?: () => Promise<void>;
}

export interface SuitePlace {
  readonly root: string;
  /** Folder for what vitest writes. */
  readonly reports: string;
  /** What the person asked for; all tests when there are none. */
  readonly filters: readonly string[];
}

/** Runs a suite with its output going straight to the terminal. */
export async function runSuite(suite: Suite, place: SuitePlace): Promise<SuiteReport> {
  console.log(`\n== ${suite.title}`);
  const reportFile = join(place.reports, `${fileName(suite)}.json`);
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${reportFile}`];
  const args = ["run", "--passWithNoTests", ...suite.args, ...reporters, ...place.filters];
  const code = await runProgram(place.root, ["vitest", ...args]);
  const report = existsSync(reportFile) ? readReport(reportFile) : null;
  if (!report) {
    const problem = `${suite.title}: vitest ended with ${code} and left no report; that counts as one failure.`;
    return { passed: 0, failed: 1, skipped: 0, failedNames: [problem], skippedNames: [] };
  }
  // An error outside of any test, as an unhandled rejection, fails the run although every test passed.
  if (code === 0 || report.failed > 0) return report;
  const problem = `${suite.title}: vitest ended with ${code} although no test failed; that counts as one failure.`;
  return { ...report, failed: 1, failedNames: [problem] };
}

function fileName({ title }: Suite): string {
  return title.replaceAll(" ", "-");
}
