import { join } from "node:path";
import { defineConfig } from "vitest/config";
import { LongestFirst } from "./longest-first.ts";

/** Each file mostly waits, for a host or for a page, and has a lab or a control plane of its own: three go side by side. */
export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ["**/*.test.ts"],
    setupFiles: [join(import.meta.dirname, "../infra/test/patient-waits.ts")],
    pool: "forks",
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    expect: { poll: { timeout: 30_000, interval: 100 } },
    testTimeout: 600_000,
    hookTimeout: 600_000,
  },
});
