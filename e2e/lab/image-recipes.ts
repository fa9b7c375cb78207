import {
  compileExpressions,
  infraPackages,
  stackImagePackages,
  stackUnits,
  vpsPackages,
} from "./package-sets.ts";

export type Suite = "bookworm" | "trixie";

/**
 * clean: a rented host with nothing of ours. stack: the same with all packages of the product, switched off, and what
 * Rspamd compiles at its first start.
 */
export type GuestImage = "clean" | "stack";

/** One layer: a whole system when it has no parent, else what apt adds to the parent. */
export interface ImageRecipe {
  readonly name: string;
  readonly suite: Suite;
  readonly parent: ImageRecipe | undefined;
  readonly packages: readonly string[];
  readonly disabledUnits: readonly string[];
  /** Shell script that runs in the finished layer, on a network of its own. */
  readonly warmUp?: string;
}

/** The layers of a guest, as one recipe whose parents lie below it. */
export function guestRecipe(image: GuestImage, suite: Suite): ImageRecipe {
  const vps: ImageRecipe = {
    name: `vps-${suite}`,
    suite,
    parent: baseRecipe(suite),
    packages: vpsPackages,
    disabledUnits: [],
  };
  if (image === "clean") return vps;
  return {
    name: `stack-${suite}`,
    suite,
    parent: vps,
    packages: stackImagePackages,
    disabledUnits: stackUnits,
    warmUp: compileExpressions,
  };
}

/** The system that the lab's own DNS servers and tools run in. */
export const infraRecipe: ImageRecipe = {
  name: "infra-trixie",
  suite: "trixie",
  parent: baseRecipe("trixie"),
  packages: infraPackages,
  disabledUnits: [],
};

export const allRecipes: readonly ImageRecipe[] = [
  infraRecipe,
  guestRecipe("stack", "bookworm"),
  guestRecipe("stack", "trixie"),
];

function baseRecipe(suite: Suite): ImageRecipe {
  return { name: `base-${suite}`, suite, parent: undefined, packages: [], disabledUnits: [] };
}
