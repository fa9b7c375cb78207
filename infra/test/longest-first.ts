import { existsSync } from "node:fs";
import { join, relative } from "node:path";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/**
 * Makes a sequencer that starts these files first, in this order, so that none of the long ones is left alone at the end. A
 * clean clone remembers no durations, by which vitest itself would choose. Files whose processes are shared come after all
 * others, since a process is given on only to the file that is next. Throws when a file that is named is gone.
 */
export function longestFirst(root: string, longest: readonly string[]): typeof BaseSequencer {
  return class LongestFirst extends BaseSequencer {
    override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
      const gone = longest.filter((file) => !existsSync(join(root, file)));
      if (gone.length > 0)
        throw new Error(
          `The configuration of the tests in ${root} names files that are gone: ${gone.join(", ")}.`,
        );
      const rank = ({ moduleId }: TestSpecification): number => {
        const at = longest.indexOf(relative(root, moduleId));
        return at === -1 ? longest.length : at;
      };
      const isShared = ({ project }: TestSpecification): number => (project.config.isolate ? 0 : 1);
      return (await super.sort(files)).toSorted(
        (one, other) => isShared(one) - isShared(other) || rank(one) - rank(other),
      );
    }
  };
}
