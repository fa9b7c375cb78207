import { defineConfig } from "vitest/config";

/** Many files wait for Postgres or for a child process, so that two go side by side on two cores. */
export default defineConfig({
  test: {
    maxWorkers: 2,
    include: ["packages/*/src/**/*.test.ts", "apps/*/src/**/*.test.{ts,tsx}", "infra/**/*.test.ts"],
    setupFiles: ["infra/test/patient-waits.ts"],
    testTimeout: 180_000,
    hookTimeout: 300_000,
  },
});
