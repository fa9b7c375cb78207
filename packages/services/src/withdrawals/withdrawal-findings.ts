import { checkFindings, type Transaction } from "@mailstead/db";
import { and, eq, isNull } from "drizzle-orm";
import { recordFindings } from "../checks/index.ts";

interface Withdrawal {
  id: string;
  organisationId: string;
  tenantId: string;
  domainName: string;
}

// With its pauses of up to an hour this is most of a day, which a provider's outage seldom lasts.
const attemptsUntilTold = 20;

/** Whether somebody should hear that a withdrawal does not go well: when nothing is tried any more, or for long in vain. */
export function isTold({ state, attempts }: { state: "waiting" | "failed"; attempts: number }): boolean {
  return state === "failed" || attempts >= attemptsUntilTold;
}

/** Opens the finding that records still stand which were to go, so that Home shows it and a mail tells it. */
export async function openWithdrawalFinding(
  tx: Transaction,
  withdrawal: Withdrawal,
  { problem, at }: { problem: string; at: Date },
): Promise<void> {
  const { id, organisationId, tenantId, domainName } = withdrawal;
  const sentence = `DNS records of ${domainName} that were to be taken away still stand. ${problem}`;
  await recordFindings(
    tx,
    { organisationId, tenantId, withdrawnDomain: domainName },
    {
      found: [
        {
          key: keyOf(id),
          severity: "warning",
          sentence,
          told: { evidence: [`the last try: ${problem}`] },
        },
      ],
      unseen: (key) => key !== keyOf(id),
      at,
    },
  );
}

/** Closes it, once they are gone or were left to a person. */
export async function closeWithdrawalFinding(
  tx: Transaction,
  { id, tenantId }: Pick<Withdrawal, "id" | "tenantId">,
  at: Date,
): Promise<void> {
  await tx
    .update(checkFindings)
    .set({ closedAt: at })
    .where(
      and(
        eq(checkFindings.tenantId, tenantId),
        eq(checkFindings.key, keyOf(id)),
        isNull(checkFindings.closedAt),
      ),
    );
}

function keyOf(withdrawalId: string): string {
  return `withdrawal ${withdrawalId}`;
}
