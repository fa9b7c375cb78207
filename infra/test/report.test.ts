import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { addTotals, readReport } from "./report.ts";

test("passed, failed and skipped tests are summed; failed ones are named, skipped ones once per block", () => {
  const report = read([
    {
      status: "failed",
      tests: [
        ["passed", "a"],
        ["failed", "b"],
      ],
    },
    {
      status: "passed",
      tests: [
        ["skipped", "c", "lab (skipped: needs root)"],
        ["pending", "d", "lab (skipped: needs root)"],
        ["todo", "e"],
      ],
    },
  ]);
  expect(report).toEqual({
    passed: 1,
    failed: 1,
    skipped: 3,
    failedNames: ["file > b: expected 1 to be 2"],
    skippedNames: ["lab (skipped: needs root) (2 tests)", "e"],
  });
});

test("a test file that could not be loaded is a failure although none of its tests ran", () => {
  expect(read([{ status: "failed", tests: [] }])).toMatchObject({
    passed: 0,
    failed: 1,
    failedNames: ["file: Cannot find package 'x'"],
  });
});

test("sums of several runners add up", () => {
  expect(addTotals({ passed: 1, failed: 2, skipped: 3 }, { passed: 10, failed: 20, skipped: 30 })).toEqual({
    passed: 11,
    failed: 22,
    skipped: 33,
  });
});

function read(files: { status: string; tests: [status: string, title: string, block?: string][] }[]) {
  const folder = mkdtempSync(join(tmpdir(), "mailstead-report-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const testResults = files.map(({ status, tests }) => ({
    name: "file",
    status,
    message: status === "failed" && tests.length === 0 ? "Cannot find package 'x'\n  at file" : "",
    assertionResults: tests.map(([testStatus, title, block]) => ({
      status: testStatus,
      title,
      ancestorTitles: block ? [block] : [],
      failureMessages: testStatus === "failed" ? ["expected 1 to be 2\n  at file:1"] : [],
    })),
  }));
  writeFileSync(join(folder, "report.json"), JSON.stringify({ testResults }));
  return readReport(join(folder, "report.json"));
}
