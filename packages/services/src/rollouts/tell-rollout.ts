import { newId, type RolloutEventKind, rolloutEvents, type Transaction } from "@mailstead/db";
import { acrossCustomers, type ServiceContext } from "../context/index.ts";

/** Notes what happened to a rollout, with who did it where a person did. */
export async function tellRollout(
  tx: Transaction,
  ctx: ServiceContext,
  { rolloutId, kind, sentence }: { rolloutId: string; kind: RolloutEventKind; sentence: string },
): Promise<void> {
  const at = ctx.now();
  // The history is the organisation's, and a customer's own people may act in it.
  await acrossCustomers(tx, ctx, () =>
    tx.insert(rolloutEvents).values({
      id: newId(at),
      rolloutId,
      organisationId: ctx.organisationId,
      at,
      kind,
      sentence,
      byName: ctx.actor.kind === "user" ? ctx.actor.name : null,
    }),
  );
}
