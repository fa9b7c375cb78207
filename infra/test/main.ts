// npm test: everything that this machine can run, and by name what it cannot. Ends with one line of sums.
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { removeIdleTestCluster } from "../postgres/testing.ts";
import { runBuilds } from "./builds.ts";
import { runToolInForeground } from "./foreground.ts";
import { addTotals, noTotals, readReport, type Totals } from "./report.ts";

interface Suite {
  readonly title: string;
  /** Arguments of vitest that choose the tests. */
  readonly args: readonly string[];
  /** Scripts that build what the tests start, so that no test waits for a compiler. */
  readonly builds: readonly string[];
}

const root = resolve(import.meta.dirname, "../..");
const suites: readonly Suite[] = [
  { title: "unit and service tests", args: [], builds: [] },
  {
    title: "lab and browser",
    args: ["--config", "e2e/vitest.config.ts"],
    builds: ["infra/release/build-control-plane.ts", "infra/release/build-agent.ts"],
  },
];

const startedAt = performance.now();
for (const line of await bringPrerequisites()) console.log(line);
const reports = mkdtempSync(join(tmpdir(), "mailstead-reports-"));
let totals = noTotals;
const skipped: string[] = [];
const filters = process.argv.slice(2);
try {
  for (const suite of suites) {
    const report = await runSuite(suite);
    totals = addTotals(totals, report);
    skipped.push(...report.skippedNames);
  }
} finally {
  rmSync(reports, { recursive: true, force: true });
  await removeIdleTestCluster();
}

if (skipped.length > 0) console.log(`\nSkipped:\n${skipped.map((name) => `  ${name}`).join("\n")}`);
console.log(`\nTook ${Math.round((performance.now() - startedAt) / 1000)} s.`);
if (totals.passed + totals.failed === 0) console.log("No test ran.");
console.log(`${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
process.exit(totals.failed > 0 || totals.passed === 0 ? 1 : 0);

async function runSuite({
  title,
  args,
  builds,
}: Suite): Promise<Totals & { skippedNames: readonly string[] }> {
  console.log(`\n== ${title}`);
  const problems = await runBuilds(root, builds);
  for (const problem of problems) console.log(problem);
  const reportFile = join(reports, `${title.replaceAll(" ", "-")}.json`);
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${reportFile}`];
  const code = await runToolInForeground(root, "vitest", [
    "run",
    "--passWithNoTests",
    ...args,
    ...reporters,
    ...filters,
  ]);
  const report = existsSync(reportFile) ? readReport(reportFile) : null;
  if (!report) {
    console.log(`vitest ended with ${code} and left no report; that counts as one failure.`);
    return { passed: 0, failed: problems.length + 1, skipped: 0, skippedNames: [] };
  }
  // An error outside of any test, as an unhandled rejection, fails the run although every test passed.
  const isSilentFailure = code !== 0 && report.failed === 0;
  if (isSilentFailure)
    console.log(`vitest ended with ${code} although no test failed; that counts as one failure.`);
  return { ...report, failed: report.failed + problems.length + (isSilentFailure ? 1 : 0) };
}

/** On Debian as root the lab's and the browser's packages are installed; elsewhere it says what is missing. */
async function bringPrerequisites(): Promise<readonly string[]> {
  const { installPrerequisites } = await import("@mailstead/e2e/prerequisites");
  const { installed, missing } = await installPrerequisites((line: string) => console.log(line));
  return [
    ...(installed.length > 0 ? [`Installed by apt: ${installed.join(", ")}.`] : []),
    ...missing.map((reason) => `Not here: ${reason}; tests that need it are skipped.`),
  ];
}
