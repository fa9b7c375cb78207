import { domains, type Transaction } from "@mailstead/db";
import { and, eq, inArray } from "drizzle-orm";
import type { StreamOwner } from "../telemetry/index.ts";

/**
 * Finds the domain of the customer's that a name is, or lies below; null for what is nobody's in the organisation, or
 * another customer's.
 */
export type FindHosted = (name: string) => string | null;

/**
 * Looks all of these names up at once, for the customer whose host tells of them. The closest domain counts: one below
 * theirs may be another customer's. What other organisations call theirs does not matter: anybody can add any name.
 */
export async function findHostedDomains(
  tx: Transaction,
  { organisationId, tenantId }: StreamOwner,
  names: readonly string[],
): Promise<FindHosted> {
  const asked = [...new Set(names.flatMap(withParents))];
  const rows =
    asked.length === 0
      ? []
      : await tx
          .select({ name: domains.name, tenantId: domains.tenantId })
          .from(domains)
          .where(and(eq(domains.organisationId, organisationId), inArray(domains.name, asked)));
  const owners = new Map(rows.map((row) => [row.name, row.tenantId]));
  return (name) => {
    const closest = withParents(name).find((one) => owners.has(one));
    return closest !== undefined && owners.get(closest) === tenantId ? closest : null;
  };
}

const labelsMax = 20;

/** The name itself first, then what lies above it, but for its last label. */
function withParents(name: string): string[] {
  const labels = name.split(".").slice(-labelsMax);
  return labels.slice(0, -1).map((_, at) => labels.slice(at).join("."));
}
