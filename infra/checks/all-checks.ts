import type { Check } from "./check.ts";
import { checkDocPaths } from "./check-doc-paths.ts";
import { checkExports } from "./check-exports.ts";
import { checkImports } from "./check-imports.ts";
import { checkLint } from "./check-lint.ts";
import { checkCorePurity, typeChecks } from "./check-types.ts";

/** Every check of the house that reads the source without running it, quickest first. */
export function sourceChecks(root: string): readonly Check[] {
  return [checkImports, checkExports, checkDocPaths, checkCorePurity, checkLint, ...typeChecks(root)];
}
