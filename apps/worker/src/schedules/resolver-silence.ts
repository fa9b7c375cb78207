import type { Log } from "../log.ts";

interface Run {
  readonly checked: readonly unknown[];
  readonly resolverProblem: string | null;
}

/** Warns that the resolver answers nothing: when that begins, and not again until something was heard from it. */
export function resolverSilence(log: Log): (run: Run) => void {
  let isSilent = false;
  return ({ checked, resolverProblem }) => {
    if (resolverProblem !== null && !isSilent) log.warn(resolverProblem);
    if (resolverProblem !== null || checked.length > 0) isSilent = resolverProblem !== null;
  };
}
