// npm test: everything that this machine can run, and by name what it cannot. Ends with one line of sums.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { removeIdleTestCluster } from "../postgres/testing.ts";
import { beginImages } from "./begin-images.ts";
import { runBuilds } from "./builds.ts";
import { addTotals, noTotals, type Totals } from "./report.ts";
import { runSuite, type Suite } from "./suite.ts";

const root = resolve(import.meta.dirname, "../..");
// One after the other: both together want more than two cores, and then what has a deadline misses it.
const suites: readonly Suite[] = [
  { title: "unit and service tests", args: [] },
  { title: "lab and browser", args: ["--config", "e2e/vitest.config.ts"], after: () => images },
];
/** Makes what the tests start, so that none waits for a compiler, and none reads types while Next writes them. */
const builds = ["infra/release/build-control-plane.ts", "infra/release/build-agent.ts"];

const startedAt = performance.now();
const filters = process.argv.slice(2);
for (const line of await bringPrerequisites()) console.log(line);
// Whoever asks for some tests may need no image at all.
const images = filters.length === 0 ? beginImages(root) : Promise.resolve();
const problems = await runBuilds(root, builds);
const reports = mkdtempSync(join(tmpdir(), "mailstead-reports-"));
const place = { root, reports, filters };
let totals: Totals = { ...noTotals, failed: problems.length };
const failed: string[] = [...problems];
const skipped: string[] = [];
try {
  for (const suite of suites) {
    await suite.after?.();
    const report = await runSuite(suite, place);
    totals = addTotals(totals, report);
    failed.push(...report.failedNames);
    skipped.push(...report.skippedNames);
  }
} finally {
  rmSync(reports, { recursive: true, force: true });
  await removeIdleTestCluster();
}

list("Skipped", skipped);
list("Failed", failed);
console.log(`\nTook ${Math.round((performance.now() - startedAt) / 1000)} s.`);
if (totals.passed + totals.failed === 0) console.log("No test ran.");
console.log(`${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
process.exit(totals.failed > 0 || totals.passed === 0 ? 1 : 0);

/** Names at the end what a reader would search for in the output. */
function list(title: string, names: readonly string[]): void {
  if (names.length > 0) console.log(`\n${title}:\n${names.map((name) => `  ${name}`).join("\n")}`);
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
