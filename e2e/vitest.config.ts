import { configDefaults, defineConfig } from "vitest/config";

/** Each of these files boots a host of one Debian and then mostly waits for it, so two of them go side by side. */
const bySuite = ["acceptance/**/*.test.ts", "agent/**/*.test.ts"];
const patience = { testTimeout: 180_000, hookTimeout: 600_000 };

export default defineConfig({
  test: {
    root: import.meta.dirname,
    pool: "forks",
    maxWorkers: 2,
    projects: [
      {
        // The other labs share two cores with what they test; side by side they would only measure each other.
        test: {
          ...patience,
          name: "one by one",
          include: ["**/*.test.ts"],
          exclude: [...configDefaults.exclude, ...bySuite],
          maxWorkers: 1,
          fileParallelism: false,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: { ...patience, name: "by suite", include: bySuite, maxWorkers: 2, sequence: { groupOrder: 1 } },
      },
    ],
  },
});
