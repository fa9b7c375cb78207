import { join } from "node:path";
import { longestFirst } from "@mailstead/infra/longest-first";
import { defineConfig } from "vitest/config";

/** The files that take minutes, the longest first. */
const longest = [
  "patches/rollout.test.ts",
  "patches/real-versions.test.ts",
  "acceptance/debian-13.test.ts",
  "patches/deferrals.test.ts",
  "agent/installed-debian-13.test.ts",
  "acceptance/debian-12.test.ts",
  "agent/inventory.test.ts",
  "journeys/main-job.test.ts",
  "agent/installed-debian-12.test.ts",
  "journeys/refused-mail.test.ts",
  "journeys/demo-screens.test.ts",
  "faults/delivery.test.ts",
  "patches/debian-13.test.ts",
  "patches/debian-12.test.ts",
  "agent/debian-13.test.ts",
  "patches/kinds.test.ts",
  "agent/update-debian-12.test.ts",
  "agent/update-debian-13.test.ts",
  "dkim/rotation.test.ts",
  "agent/debian-12.test.ts",
  "journeys/demo-fleet.test.ts",
  "certificates/certificates.test.ts",
  "agent/mail-check-debian-13.test.ts",
  "zones/hosted-zone.test.ts",
  "faults/host-conditions.test.ts",
  "control-plane/without-root.test.ts",
  "delivery/faults.test.ts",
  "agent/mail-check-debian-12.test.ts",
  "journeys/demo-findings.test.ts",
  "delivery/queue-loss.test.ts",
  "journeys/publish.test.ts",
  "journeys/first-day.test.ts",
  "fleet-sim/main.test.ts",
  "control-plane/ctrl-c.test.ts",
];

/** Each file mostly waits, for a host or for a page, and has a lab or a control plane of its own: three go side by side. */
export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ["**/*.test.ts"],
    setupFiles: [join(import.meta.dirname, "../infra/test/patient-waits.ts")],
    pool: "forks",
    maxWorkers: 3,
    sequence: { sequencer: longestFirst(import.meta.dirname, longest) },
    expect: { poll: { timeout: 30_000, interval: 100 } },
    testTimeout: 600_000,
    hookTimeout: 600_000,
  },
});
