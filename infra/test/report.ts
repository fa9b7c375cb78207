import { readFileSync } from "node:fs";
import { relative } from "node:path";

export interface Totals {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export interface SuiteReport extends Totals {
  /** Failed tests, and files that failed as a whole, each with its file and the first line of what went wrong. */
  readonly failedNames: readonly string[];
  /** Skipped tests by name, those of one block of tests as one line. */
  readonly skippedNames: readonly string[];
}

export const noTotals: Totals = { passed: 0, failed: 0, skipped: 0 };

/** The parts of vitest's JSON report that are read here. */
interface VitestReport {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message?: string;
    readonly assertionResults: readonly {
      readonly status: string;
      readonly title: string;
      readonly ancestorTitles: readonly string[];
      readonly failureMessages?: readonly string[];
    }[];
  }[];
}

export function addTotals(one: Totals, other: Totals): Totals {
  return {
    passed: one.passed + other.passed,
    failed: one.failed + other.failed,
    skipped: one.skipped + other.skipped,
  };
}

/** Sums a JSON report of vitest. A file that failed without a failed test, as one that does not load, counts as one failure. */
export function readReport(path: string): SuiteReport {
  const { testResults } = JSON.parse(readFileSync(path, "utf8")) as VitestReport;
  const tests = testResults.flatMap((file) => file.assertionResults);
  const count = (isCounted: (status: string) => boolean) =>
    tests.filter(({ status }) => isCounted(status)).length;
  const brokenFiles = testResults.filter(
    (file) => file.status === "failed" && file.assertionResults.every(({ status }) => status !== "failed"),
  );
  const failedTests = testResults.flatMap((file) =>
    file.assertionResults
      .filter(({ status }) => status === "failed")
      .map(({ ancestorTitles, title, failureMessages }) =>
        nameFailure([file.name, ...ancestorTitles, title], failureMessages?.[0]),
      ),
  );
  const isSkipped = (status: string) => status !== "passed" && status !== "failed";
  const skippedBlocks = Map.groupBy(
    tests.filter(({ status }) => isSkipped(status)),
    ({ ancestorTitles, title }) => ancestorTitles[0] ?? title,
  );
  return {
    passed: count((status) => status === "passed"),
    failed: failedTests.length + brokenFiles.length,
    failedNames: [...failedTests, ...brokenFiles.map(({ name, message }) => nameFailure([name], message))],
    skipped: count(isSkipped),
    skippedNames: [...skippedBlocks].map(([name, { length }]) =>
      length === 1 ? name : `${name} (${length} tests)`,
    ),
  };
}

function nameFailure([file = "", ...titles]: readonly string[], message = ""): string {
  const name = [relative(process.cwd(), file), ...titles].join(" > ");
  const [firstLine = ""] = message.split("\n");
  return firstLine === "" ? name : `${name}: ${firstLine}`;
}
