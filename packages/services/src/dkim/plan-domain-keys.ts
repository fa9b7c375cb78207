import { nextSelectors } from "@mailstead/core/dkim";
import type { DkimAlgorithm, TargetState } from "@mailstead/core/servers";
import { auditEntries, dkimKeys, domains, newId, type Transaction } from "@mailstead/db";
import { and, eq, inArray } from "drizzle-orm";
import { z } from "zod";
import { type RotationNames, takeDelegatedName } from "./delegated-names.ts";

const algorithms: readonly DkimAlgorithm[] = ["rsa-2048", "ed25519"];

export const removeDomainAction = "remove-domain";
export const replaceKeysAction = "replace-dkim-keys";
export const stopDomainMailAction = "stop-domain-mail";
export const leaveDomainAction = "domain-server-left";

const endingActions = [removeDomainAction, stopDomainMailAction, replaceKeysAction, leaveDomainAction];

/** What the audit of a removal keeps, so that a selector is never used again. */
const removedKeysSchema = z.object({ selectors: z.array(z.string()) });

export interface KeyedDomain {
  id: string;
  organisationId: string;
  tenantId: string;
  name: string;
}

export interface KeyPlanning {
  domain: KeyedDomain;
  serverId: string;
  now: Date;
  /** The rotation that brings the keys; left out for the first keys of a server. */
  rotation?: { id: string } & RotationNames;
}

/**
 * Plans two keys of a domain for a server, RSA-2048 and Ed25519, under delegated names where the domain has handed those
 * over. Neither signs until the world can see its record: a signature that nobody can verify is worse than none (RFC
 * 6376 §6.1.2). Throws `conflict` and `precondition-failed` when a rotation finds no delegated name that it may take.
 */
export async function planDomainKeys(
  tx: Transaction,
  { domain, serverId, now, rotation }: KeyPlanning,
): Promise<TargetState["domains"][number]["dkimKeys"]> {
  const used = await usedSelectors(tx, domain);
  const selectors = nextSelectors(now, used, algorithms.length);
  const wish = { domain, serverId, now, ...(rotation === undefined ? {} : { rotation }) };
  const keys = [];
  for (const [index, algorithm] of algorithms.entries()) {
    const place = await takeDelegatedName(tx, { ...wish, algorithm });
    keys.push({ selector: selectors[index] ?? "", algorithm, place });
  }
  const { organisationId, tenantId } = domain;
  // They are published once the host has told of them.
  if (rotation === undefined)
    await tx.update(domains).set({ firstKeysTryAt: null }).where(eq(domains.id, domain.id));
  await tx.insert(dkimKeys).values(
    keys.map((key) => ({
      id: newId(now),
      selector: key.selector,
      algorithm: key.algorithm,
      ...key.place,
      madeBy: rotation?.id ?? null,
      organisationId,
      tenantId,
      domainId: domain.id,
      serverId,
      createdAt: now,
    })),
  );
  return keys.map(({ selector, algorithm, place }) => ({
    selector,
    algorithm,
    isSigning: false,
    ...(place === null ? {} : { signsAs: place.signsAs }),
  }));
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
        inArray(auditEntries.action, [...endingActions]),
        eq(auditEntries.subjectName, domain.name),
        eq(auditEntries.organisationId, domain.organisationId),
      ),
    );
  const former = removals.flatMap(({ before }) => removedKeysSchema.safeParse(before).data?.selectors ?? []);
  return new Set([...former, ...current.map((key) => key.selector)]);
}
