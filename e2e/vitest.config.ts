import { configDefaults, defineConfig } from "vitest/config";

/** A person's day in a browser: pages answer slowly when something else takes the cores. */
const oneByOne = ["journeys/**/*.test.ts"];
const patience = { testTimeout: 180_000, hookTimeout: 600_000 };

export default defineConfig({
  test: {
    root: import.meta.dirname,
    pool: "forks",
    maxWorkers: 2,
    projects: [
      {
        test: {
          ...patience,
          name: "one by one",
          include: oneByOne,
          maxWorkers: 1,
          fileParallelism: false,
          sequence: { groupOrder: 0 },
        },
      },
      {
        // Each of these mostly waits, for a host or for a limit to pass, and each has a lab or a control plane of its own.
        test: {
          ...patience,
          name: "side by side",
          include: ["**/*.test.ts"],
          exclude: [...configDefaults.exclude, ...oneByOne],
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
