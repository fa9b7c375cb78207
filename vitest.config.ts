import { defineConfig } from "vitest/config";
import { longestFirst } from "./infra/test/longest-first.ts";

/** The files that take a quarter of a minute and more, the longest first. */
const longest = [
  "apps/agent/src/apply/killed.test.ts",
  "infra/test/house.test.ts",
  "infra/updater/updater.test.ts",
  "infra/release/build-release.test.ts",
  "infra/updater/decides-as-core.test.ts",
  "infra/up/supervisor.test.ts",
  "infra/postgres/embedded-postgres.test.ts",
  "packages/services/src/rotations/rotation-faults.test.ts",
  "packages/services/src/domains/check-domain.test.ts",
  "packages/services/src/rotations/delegated-rotations.test.ts",
];

/**
 * One process serves file after file of these and loads each module once, which halves their time. All others get a
 * process for each file: they work on processes and folders of this machine, or a module holds what belongs to one file.
 */
const shared = ["packages/core", "packages/services", "apps/web", "apps/agent"].map(
  (folder) => `${folder}/src/**/*.test.{ts,tsx}`,
);
const ownProcess = [
  "apps/agent/src/apply/killed.test.ts",
  // A database that all tests of a file share is closed after the file.
  "packages/services/src/certificates/**/*.test.ts",
  "packages/services/src/feeds/**/*.test.ts",
];
const all = ["packages/*/src/**/*.test.ts", "apps/*/src/**/*.test.{ts,tsx}", "infra/**/*.test.ts"];
const installed = "**/node_modules/**";

/** Many files wait, for Postgres, a child process or a silent name server: three go side by side on two cores. */
export default defineConfig({
  test: {
    maxWorkers: 3,
    sequence: { sequencer: longestFirst(import.meta.dirname, longest) },
    setupFiles: ["infra/test/patient-waits.ts"],
    testTimeout: 180_000,
    hookTimeout: 300_000,
    projects: [
      {
        extends: true,
        test: { name: "shared", include: shared, exclude: [...ownProcess, installed], isolate: false },
      },
      { extends: true, test: { name: "own", include: ownProcess } },
      {
        extends: true,
        test: { name: "rest", include: all, exclude: [...shared, installed] },
      },
    ],
  },
});
