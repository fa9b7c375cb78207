import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { runSuite, type SuitePlace } from "./suite.ts";

const suite = { title: "some tests", args: ["--config", "here"] };

test("a suite gives what vitest reports", async () => {
  const place = placeWhere(
    `report([{ status: "passed", assertionResults: [{ status: "passed", title: "a", ancestorTitles: [] }] }]);`,
  );
  expect(await runSuite(suite, place)).toMatchObject({ passed: 1, failed: 0, skipped: 0 });
});

test("a suite that ends badly although no test failed is one failure", async () => {
  const place = placeWhere("report([]); process.exit(1);");
  expect(await runSuite(suite, place)).toMatchObject({ passed: 0, failed: 1 });
});

test("a suite that leaves no report is one failure", async () => {
  expect(await runSuite(suite, placeWhere("process.exit(137);"))).toMatchObject({ passed: 0, failed: 1 });
});

/** A folder in which this script stands for vitest. */
function placeWhere(script: string): SuitePlace {
  const root = mkdtempSync(join(tmpdir(), "mailstead-suite-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const bin = join(root, "node_modules/.bin");
  mkdirSync(bin, { recursive: true });
  const report = `const report = (testResults) => {
    const file = process.argv.find((arg) => arg.startsWith("--outputFile.json=")).split("=")[1];
    require("node:fs").writeFileSync(file, JSON.stringify({ testResults }));
  };`;
  writeFileSync(join(bin, "vitest"), `#!${process.execPath}\n${report}\n${script}\n`);
  chmodSync(join(bin, "vitest"), 0o755);
  return { root, reports: root, filters: [] };
}
