import { nextSelectors } from "@mailstead/core/dkim";
import type { TargetState } from "@mailstead/core/servers";
import { auditEntries, dkimKeys, newId, type Transaction } from "@mailstead/db";
import { and, eq, inArray } from "drizzle-orm";
import { z } from "zod";

export const removeDomainAction = "remove-domain";
export const replaceKeysAction = "replace-dkim-keys";
export const leaveDomainAction = "domain-server-left";

/** What the audit of a removal keeps, so that a selector is never used again. */
const removedKeysSchema = z.object({ selectors: z.array(z.string()) });

export interface KeyedDomain {
  id: string;
  organisationId: string;
  tenantId: string;
  name: string;
}

/**
 * Plans two keys of a domain for a server, RSA-2048 and Ed25519. Neither signs until the world can see its record:
 * a signature that nobody can verify is worse than none (RFC 6376 §6.1.2).
 */
export async function planDomainKeys(
  tx: Transaction,
  {
    domain,
    serverId,
    now,
    rotationId,
  }: { domain: KeyedDomain; serverId: string; now: Date; rotationId?: string },
): Promise<TargetState["domains"][number]["dkimKeys"]> {
  const used = await usedSelectors(tx, domain);
  const [rsa = "", ed25519 = ""] = nextSelectors(now, used, 2);
  const keys = [
    { selector: rsa, algorithm: "rsa-2048" as const, isSigning: false },
    { selector: ed25519, algorithm: "ed25519" as const, isSigning: false },
  ];
  const { organisationId, tenantId } = domain;
  await tx.insert(dkimKeys).values(
    keys.map((key) => ({
      id: newId(now),
      selector: key.selector,
      algorithm: key.algorithm,
      madeBy: rotationId ?? null,
      organisationId,
      tenantId,
      domainId: domain.id,
      serverId,
      createdAt: now,
    })),
  );
  return keys;
}

async function usedSelectors(tx: Transaction, domain: KeyedDomain): Promise<Set<string>> {
  const current = await tx
    .select({ selector: dkimKeys.selector })
    .from(dkimKeys)
    .where(eq(dkimKeys.domainId, domain.id));
  const removals = await tx
    .select({ before: auditEntries.before })
    .from(auditEntries)
    .where(
      and(
        inArray(auditEntries.action, [removeDomainAction, replaceKeysAction, leaveDomainAction]),
        eq(auditEntries.subjectName, domain.name),
        eq(auditEntries.organisationId, domain.organisationId),
      ),
    );
  const former = removals.flatMap(({ before }) => removedKeysSchema.safeParse(before).data?.selectors ?? []);
  return new Set([...former, ...current.map((key) => key.selector)]);
}
