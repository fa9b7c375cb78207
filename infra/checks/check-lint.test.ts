import { expect, onTestFinished, test } from "vitest";
import { checkLint } from "./check-lint.ts";
import { makeRepository } from "./make-repository.ts";

const job = "packages/core/src/jobs/job.ts";

test("code in core that takes the time as an argument passes", async () => {
  expect(await findIn(job, "export const isDue = (at: Date, now: Date): boolean => at <= now;\n")).toEqual(
    [],
  );
});

test.each(["Date.now()", "new Date()", "Math.random()", "performance.now()", "crypto.randomUUID()"])(
  "core may not call %s",
  async (call) => {
    expect(await findIn(job, `export const value = ${call};\n`)).toContainEqual(
      expect.stringMatching(/^packages\/core\/src\/jobs\/job\.ts:1 .*core has no clock and no chance/),
    );
  },
);

test("tests of core may read the clock", async () => {
  expect(await findIn("packages/core/src/jobs/job.test.ts", "export const value = Date.now();\n")).toEqual(
    [],
  );
});

test.each([
  [
    "a promise that nobody waits for",
    "export const run = async (): Promise<void> => {};\nrun();\n",
    /noFloatingPromises/,
  ],
  ["bad layout", "export const  a = 1\n", /format/],
  ["any", "export const a = (b: any): number => b;\n", /noExplicitAny/],
])("%s is refused", async (_what, source, rule) => {
  expect(await findIn("apps/worker/src/main.ts", source)).toContainEqual(expect.stringMatching(rule));
});

test.each([
  ["packages/services/src/jobs/job.ts", "bullmq"],
  ["apps/web/src/page.ts", "@mailstead/db"],
  ["apps/agent/src/link.ts", "@mailstead/services"],
])("the editor already refuses that %s imports %s", async (path, specifier) => {
  expect(await findIn(path, `import "${specifier}";\n`)).toContainEqual(
    expect.stringContaining("noRestrictedImports"),
  );
});

async function findIn(path: string, source: string): Promise<readonly string[]> {
  const repository = makeRepository({
    files: { [path]: source },
    copied: ["biome.json", "infra/checks/no-clock-in-core.grit"],
  });
  onTestFinished(repository.remove);
  return (await checkLint.find(repository.root)).filter((finding) => finding.includes(path));
}
