import { expect, onTestFinished, test } from "vitest";
import { checkDocPaths } from "./check-doc-paths.ts";
import { makeRepository } from "./make-repository.ts";

test.each([
  "see `packages/core/src/jobs/job.ts`",
  "see `packages/core/src/jobs/job.ts:12`",
  "see `packages/core/src/<slice>/job.ts` and `packages/*/src`",
  "see `packages/core/src/{jobs,mail}/job.ts`",
  "see [the job](../packages/core/src/jobs/job.ts#top)",
  "look at `e2e/screenshots/home.png`, which a run makes",
  "run `npm run up`, open `https://example.net/apps/none` and `/etc/postfix/main.cf`",
])("a page may say: %s", async (text) => {
  expect(await findIn(text)).toEqual([]);
});

test.each([
  ["see `packages/core/src/work/job.ts`", "packages/core/src/work/job.ts"],
  ["see `apps/<name>/main.ts`", "apps/<name>/main.ts"],
  ["see [the job](../packages/core/src/work)", "packages/core/src/work"],
])("a page may not say: %s", async (text, path) => {
  expect(await findIn(`# Flow\n\n${text}`)).toEqual([
    expect.stringContaining(`docs/flow.md:3 names ${path}`),
  ]);
});

async function findIn(text: string): Promise<readonly string[]> {
  const files = {
    "docs/flow.md": text,
    "packages/core/src/jobs/job.ts": "export {};",
    ".gitignore": "e2e/screenshots/",
  };
  const repository = makeRepository({ files });
  onTestFinished(repository.remove);
  return await checkDocPaths.find(repository.root);
}
