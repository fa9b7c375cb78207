import { existsSync } from "node:fs";
import { join, relative } from "node:path";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** The files that take minutes, the longest first. */
const longest: readonly string[] = [
  "acceptance/debian-13.test.ts",
  "agent/installed-debian-13.test.ts",
  "acceptance/debian-12.test.ts",
  "journeys/main-job.test.ts",
  "agent/installed-debian-12.test.ts",
  "journeys/demo-screens.test.ts",
  "faults/delivery.test.ts",
  "agent/debian-13.test.ts",
  "dkim/rotation.test.ts",
  "agent/debian-12.test.ts",
  "journeys/demo-fleet.test.ts",
  "certificates/certificates.test.ts",
  "zones/hosted-zone.test.ts",
  "faults/host-conditions.test.ts",
  "control-plane/without-root.test.ts",
  "delivery/faults.test.ts",
];

/**
 * Starts the longest files first, so that none is left alone at the end. A clean clone remembers no durations, by which
 * vitest itself would choose. Throws when a file that is named here is gone.
 */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const gone = longest.filter((file) => !existsSync(join(import.meta.dirname, file)));
    if (gone.length > 0)
      throw new Error(`e2e/longest-first.ts names files that are gone: ${gone.join(", ")}.`);
    const rank = ({ moduleId }: TestSpecification): number => {
      const at = longest.indexOf(relative(import.meta.dirname, moduleId));
      return at === -1 ? longest.length : at;
    };
    return (await super.sort(files)).toSorted((one, other) => rank(one) - rank(other));
  }
}
