import { expect, onTestFinished, test } from "vitest";
import { checkExports } from "./check-exports.ts";
import { makeRepository } from "./make-repository.ts";

const slice = {
  "packages/core/src/jobs/index.ts": "export {};",
  "packages/core/src/jobs/secret.ts": "export {};",
};

test("a slice may be exported", async () => {
  expect(await findWith({ "./jobs": "./src/jobs/index.ts" })).toEqual([]);
});

test.each([
  ["a pattern", { "./*": "./src/*/index.ts" }, /would open every file/],
  ["a file within a slice", { "./jobs/secret": "./src/jobs/secret.ts" }, /a slice is exported as/],
  ["a slice under another name", { "./work": "./src/jobs/index.ts" }, /a slice is exported as/],
  ["a file that is gone", { "./mail": "./src/mail/index.ts" }, /does not exist/],
  ["conditions", { "./jobs": { import: "./src/jobs/index.ts" } }, /without conditions/],
])("exporting %s is refused", async (_what, exports, reason) => {
  expect(await findWith(exports)).toEqual([expect.stringMatching(reason)]);
});

async function findWith(exports: object): Promise<readonly string[]> {
  const repository = makeRepository({ workspaces: { "packages/core": { exports } }, files: slice });
  onTestFinished(repository.remove);
  return await checkExports.find(repository.root);
}
