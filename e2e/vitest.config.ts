import { defineConfig } from "vitest/config";

/** Each file mostly waits, for a host or for a page, and has a lab or a control plane of its own: two go side by side. */
export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ["**/*.test.ts"],
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 180_000,
    hookTimeout: 600_000,
  },
});
