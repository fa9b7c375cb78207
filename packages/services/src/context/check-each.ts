import { type SeeToEach, seeToEach } from "./see-to-each.ts";
import type { ServiceContext, SystemContext } from "./service-context.ts";

/** A check mostly waits for what does not answer. */
const checksAtOnceMax = 10;

/** What one look came to: something, or that the resolver told nothing of any name. */
export type Look<Checked> =
  | { kind: "looked"; checked: Checked }
  | { kind: "resolver-silent"; sentence: string };

export interface CheckedEach<Row, Checked> {
  checked: Checked[];
  /** What the resolver did, when it answered nothing: then no more were tried. */
  resolverProblem: string | null;
  failed: { row: Row; cause: unknown }[];
}

/**
 * Looks from outside at rows that the system found due, several side by side, each in the context of its own
 * organisation. A resolver that answers nothing is one problem, and not one of each row.
 */
export async function checkEach<Row extends { organisationId: string }, Checked>(
  ctx: SystemContext,
  due: Omit<SeeToEach<Row>, "atOnceMax">,
  look: (own: ServiceContext, row: Row) => Promise<Look<Checked>>,
): Promise<CheckedEach<Row, Checked>> {
  const checked: Checked[] = [];
  let resolverProblem: string | null = null;
  const failed = await seeToEach(ctx, { ...due, atOnceMax: checksAtOnceMax }, async (own, row) => {
    const seen = await look(own, row);
    if (seen.kind === "resolver-silent") {
      resolverProblem = seen.sentence;
      return "stop";
    }
    checked.push(seen.checked);
    return undefined;
  });
  return { checked, resolverProblem, failed };
}
