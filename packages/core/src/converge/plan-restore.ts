import type { ObservedState } from "./observed-state.ts";
import { planConverge } from "./plan-converge.ts";
import type { RenderedFile, RenderedStack } from "./rendered-stack.ts";
import type { ConvergePlan, Step, StepOf } from "./step.ts";

/** A file as it stood before a configuration came; without content it was not there. */
export type FormerFile = RenderedFile | (Pick<RenderedFile, "path" | "service"> & { content: null });

/** What is rendered now, with a former configuration's files in the place of today's. */
export function withFormerFiles(rendered: RenderedStack, former: readonly FormerFile[]): RenderedStack {
  const paths = new Set(former.map(({ path }) => path));
  const others = rendered.files.filter(({ path }) => !paths.has(path));
  return { ...rendered, files: [...others, ...former.filter((file) => file.content !== null)] };
}

/**
 * The steps that put a former configuration's files back, service by service in the order of a converge, and touch no other
 * file; `stack` has them. What was edited by hand since goes as well: who goes back wants what worked before.
 */
export function planRestore(
  stack: RenderedStack,
  observed: ObservedState,
  former: readonly FormerFile[],
): ConvergePlan {
  const paths = new Set(former.map(({ path }) => path));
  const { steps } = planConverge(stack, observed, { driftPolicy: "revert", revertsDrift: true });
  return { keptDrift: [], steps: steps.flatMap((step) => onlyFormer(step, paths)) };
}

function onlyFormer(step: Step, paths: ReadonlySet<string>): Step[] {
  if (step.kind !== "apply-files") return [];
  const writes = step.writes.filter(({ path }) => paths.has(path));
  const removes = step.removes.filter((path) => paths.has(path));
  const left: StepOf<"apply-files"> = { ...step, writes, removes };
  return writes.length + removes.length === 0 ? [] : [left];
}

/** Steps of a converge that the files alone do not take back, by what a person reads of them. */
export function stepsWithoutWayBack({ steps }: ConvergePlan): readonly string[] {
  return steps.filter(({ kind }) => oneWay.includes(kind)).map(({ title }) => title);
}

// What a service needs beside its files, and no longer has once these are done: its unit, a key that signed, its name.
const oneWay: readonly Step["kind"][] = ["mask-unit", "destroy-dkim-key", "set-hostname"];
