import { type RolloutFindingKind, rolloutFindingKey } from "@mailstead/core/rollouts";
import type { Transaction } from "@mailstead/db";
import { recordFindings } from "../checks/index.ts";
import { acrossCustomers, type ServiceContext } from "../context/index.ts";

const severities = { halted: "error", approval: "instruction" } as const;

/** Opens the finding of a rollout that waits for a person, or closes it when there is no sentence any more. */
export async function setRolloutFinding(
  tx: Transaction,
  ctx: ServiceContext,
  { rolloutId, kind, sentence }: { rolloutId: string; kind: RolloutFindingKind; sentence: string | null },
): Promise<void> {
  const key = rolloutFindingKey(kind, rolloutId);
  const { organisationId } = ctx;
  await acrossCustomers(tx, ctx, () =>
    recordFindings(
      tx,
      { organisationId, tenantId: null },
      {
        found: sentence === null ? [] : [{ key, severity: severities[kind], sentence }],
        unseen: (other) => other !== key,
        at: ctx.now(),
        by: "rollouts",
      },
    ),
  );
}

/** A person has seen to it. */
export async function closeRolloutFindings(
  tx: Transaction,
  ctx: ServiceContext,
  rolloutId: string,
): Promise<void> {
  for (const kind of ["halted", "approval"] as const)
    await setRolloutFinding(tx, ctx, { rolloutId, kind, sentence: null });
}
