import { readFileSync } from "node:fs";

export interface Totals {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export interface SuiteReport extends Totals {
  /** Skipped tests by name, those of one block of tests as one line. */
  readonly skippedNames: readonly string[];
}

export const noTotals: Totals = { passed: 0, failed: 0, skipped: 0 };

/** The parts of vitest's JSON report that are read here. */
interface VitestReport {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly assertionResults: readonly {
      readonly status: string;
      readonly title: string;
      readonly ancestorTitles: readonly string[];
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
  ).length;
  const isSkipped = (status: string) => status !== "passed" && status !== "failed";
  const skippedBlocks = Map.groupBy(
    tests.filter(({ status }) => isSkipped(status)),
    ({ ancestorTitles, title }) => ancestorTitles[0] ?? title,
  );
  return {
    passed: count((status) => status === "passed"),
    failed: count((status) => status === "failed") + brokenFiles,
    skipped: count(isSkipped),
    skippedNames: [...skippedBlocks].map(([name, { length }]) =>
      length === 1 ? name : `${name} (${length} tests)`,
    ),
  };
}
