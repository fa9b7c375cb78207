import { describe, expect, onTestFinished, test } from "vitest";
import { checkImports } from "./check-imports.ts";
import { makeRepository } from "./make-repository.ts";

const workspaces = {
  "packages/core": { exports: { "./jobs": "./src/jobs/index.ts" }, dependencies: { zod: "4" } },
  "packages/db": {
    exports: { ".": "./src/index.ts" },
    dependencies: { "@mailstead/core": "1", pg: "8" },
    devDependencies: { "@mailstead/infra": "1" },
  },
  "packages/services": {
    exports: { "./jobs": "./src/jobs/index.ts" },
    dependencies: { "@mailstead/core": "1", "@mailstead/db": "1", bullmq: "6", next: "16" },
  },
  "apps/web": {
    dependencies: { "@mailstead/core": "1", "@mailstead/services": "1", "@mailstead/db": "1", react: "19" },
  },
  "packages/queue": { exports: { ".": "./src/index.ts" }, dependencies: { bullmq: "6" } },
  "apps/gateway": {
    dependencies: {
      "@mailstead/queue": "1",
      "@mailstead/services": "1",
      "@mailstead/worker": "1",
      bullmq: "6",
      ws: "8",
    },
  },
  "apps/worker": {
    exports: { ".": "./src/main.ts" },
    dependencies: { "@mailstead/queue": "1", "@mailstead/services": "1" },
  },
  "apps/agent": { dependencies: { "@mailstead/core": "1", "@mailstead/services": "1", ws: "8" } },
  infra: { exports: { "./postgres": "./postgres/index.ts" }, dependencies: { pg: "8" } },
};

const allowed: [path: string, source: string][] = [
  ["packages/core/src/jobs/a.ts", 'import { z } from "zod";'],
  ["packages/core/src/jobs/a.ts", 'export * from "../wire/index.ts";'],
  ["packages/core/src/jobs/a.test.ts", 'import "vitest"; import "node:fs";'],
  ["packages/db/src/a.ts", 'import "pg"; import "@mailstead/core/jobs"; import "node:fs";'],
  ["packages/db/src/testing/a.ts", 'import "@mailstead/infra/postgres";'],
  [
    "packages/services/src/jobs/a.ts",
    'import "@mailstead/db"; import "./b.ts"; import "../servers/index.ts";',
  ],
  ["packages/queue/src/a.ts", 'import "bullmq";'],
  ["apps/gateway/src/a.ts", 'import "@mailstead/queue"; import "ws"; import "@mailstead/services/jobs";'],
  ["apps/worker/src/a.ts", 'import "@mailstead/queue";'],
  ["apps/web/src/a.tsx", 'import "react"; import "@/features/jobs"; const x = <b />;'],
];

const refused: [path: string, source: string, reason: RegExp][] = [
  ["packages/core/src/jobs/a.ts", 'import "node:fs";', /core decides from data alone/],
  ["packages/core/src/jobs/a.ts", 'import "pg";', /may import only zod/],
  ["packages/core/src/jobs/a.ts", 'import "../wire/b.ts";', /sees slice wire only through its index\.ts/],
  ["packages/core/src/jobs/a.ts", 'import "../../../db/src/a.ts";', /leaves its package/],
  [
    "packages/core/src/jobs/a.ts",
    'import type { Job } from "@mailstead/db";',
    /may not import @mailstead\/db/,
  ],
  ["packages/core/src/jobs/a.ts", 'type Row = import("@mailstead/db").Row;', /may not import @mailstead\/db/],
  ["packages/db/src/a.ts", 'import "@mailstead/services/jobs";', /may not import @mailstead\/services/],
  ["packages/db/src/a.ts", 'import "@mailstead/infra/postgres";', /may not import @mailstead\/infra/],
  ["packages/services/src/jobs/a.ts", 'import "bullmq";', /talks to bullmq/],
  ["packages/services/src/jobs/a.ts", 'import "../testing/fleet.ts";', /test support does not ship/],
  ["packages/services/src/jobs/a.ts", 'import "./sample.testing.ts";', /test support does not ship/],
  ["packages/services/src/jobs/a.ts", 'import "next";', /use cases know no screens/],
  ["packages/services/src/jobs/a.ts", 'export * from "../servers/row.ts";', /only through its index\.ts/],
  ["packages/services/src/jobs/a.ts", 'import "fs";', /write node:fs/],
  ["apps/web/src/a.ts", 'import "@mailstead/db";', /may not import @mailstead\/db/],
  ["apps/web/src/a.ts", 'await import("@mailstead/db");', /may not import @mailstead\/db/],
  ["apps/web/src/a.ts", 'import "zod";', /does not declare zod/],
  ["apps/web/src/a.ts", 'import "@mailstead/core/jobs/secret.ts";', /does not export \.\/jobs\/secret\.ts/],
  ["apps/gateway/src/a.ts", 'import "bullmq";', /only @mailstead\/queue talks to bullmq/],
  ["apps/gateway/src/a.ts", 'import "@mailstead/worker";', /may not import @mailstead\/worker/],
  ["apps/gateway/src/a.ts", 'import "../../worker/src/a.ts";', /leaves its package/],
  ["apps/agent/src/a.ts", 'import "@mailstead/services/jobs";', /ships no control-plane code/],
  ["apps/agent/src/a.ts", 'import "bullmq";', /talks to bullmq/],
  ["infra/a.ts", 'import "@mailstead/services/jobs";', /loads none of them/],
  ["infra/a.ts", 'const pg = require("@mailstead/db");', /loads none of them/],
];

describe("the import table allows", () => {
  test.each(allowed)("in %s: %s", async (path, source) => {
    expect(await findIn({ [path]: source })).toEqual([]);
  });
});

describe("the import table refuses", () => {
  test.each(refused)("in %s: %s", async (path, source, reason) => {
    const findings = await findIn({ [path]: source });
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatch(reason);
    expect(findings[0]).toContain(`${path}:1`);
  });
});

test("a workspace without a row in the table is a finding", async () => {
  const repository = makeRepository({ workspaces: { "apps/novel": {} } });
  onTestFinished(repository.remove);
  expect(await checkImports.find(repository.root)).toEqual([expect.stringContaining("has no row")]);
});

async function findIn(files: Record<string, string>): Promise<readonly string[]> {
  const repository = makeRepository({ workspaces, files });
  onTestFinished(repository.remove);
  return await checkImports.find(repository.root);
}
