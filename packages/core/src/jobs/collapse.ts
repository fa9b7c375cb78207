import { type JobArgs, type JobVerb, jobCatalog } from "./catalog.ts";

/**
 * The arguments of a waiting job once a newer one of the same verb takes its place, or null when the verb does not
 * collapse. The newer facts win, but what a person asked for with the older one is still done.
 */
export function collapseArgs(verb: JobVerb, waiting: unknown, newer: unknown): unknown {
  if (!jobCatalog[verb].isCollapsing) return null;
  if (verb !== "converge") return newer;
  const [old, next] = [waiting as JobArgs<"converge">, newer as JobArgs<"converge">];
  return { ...next, revertsDrift: old.revertsDrift || next.revertsDrift };
}
