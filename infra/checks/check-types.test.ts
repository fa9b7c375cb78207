import { expect, onTestFinished, test } from "vitest";
import { checkCorePurity, typeChecks } from "./check-types.ts";
import { makeRepository, type Repository } from "./make-repository.ts";

const tsconfig = JSON.stringify({
  extends: "../../tsconfig.base.json",
  include: ["src"],
  exclude: ["src/**/*.test.ts"],
});

test("a type error is named with file and line", async () => {
  const { root } = repositoryWith({
    "packages/core/tsconfig.json": tsconfig,
    "packages/core/src/a.ts": 'export const a: number = "1";',
  });
  const [check] = typeChecks(root);
  expect(await check?.find(root)).toEqual([
    expect.stringMatching(/^packages\/core\/src\/a\.ts\(1,14\): error TS2322/),
  ]);
});

test.each(["process.exit()", "fetch('https://example.net')", "setTimeout(() => {}, 1)", "console.log(1)"])(
  "core does not compile with %s",
  async (call) => {
    const { root } = repositoryWith({
      "packages/core/tsconfig.json": tsconfig,
      "packages/core/src/a.ts": `export const a = (): unknown => ${call};`,
    });
    expect(await typeChecks(root)[0]?.find(root)).toEqual([expect.stringMatching(/Cannot find name/)]);
    expect(await checkCorePurity.find(root)).toEqual([]);
  },
);

test.each([
  ["node's globals", { types: ["node"] }, /types must be \[\]/],
  ["the browser's", { lib: ["ES2024", "DOM"] }, /lib must be/],
])("opening core to %s is a finding", async (_what, compilerOptions, reason) => {
  const opened = JSON.stringify({ ...JSON.parse(tsconfig), compilerOptions });
  const { root } = repositoryWith({
    "packages/core/tsconfig.json": opened,
    "packages/core/src/a.ts": "export {};",
  });
  expect(await checkCorePurity.find(root)).toEqual([expect.stringMatching(reason)]);
});

test("hiding a file of core from its settings is a finding", async () => {
  const hidden = JSON.stringify({ ...JSON.parse(tsconfig), exclude: ["src/jobs"] });
  const { root } = repositoryWith({
    "packages/core/tsconfig.json": hidden,
    "packages/core/src/a.ts": "export {};",
  });
  expect(await checkCorePurity.find(root)).toEqual([expect.stringMatching(/only tests may be excluded/)]);
});

function repositoryWith(files: Record<string, string>): Repository {
  const repository = makeRepository({
    workspaces: { "packages/core": {} },
    files,
    copied: ["tsconfig.base.json"],
  });
  onTestFinished(repository.remove);
  return repository;
}
