import { domains, type Transaction } from "@mailstead/db";
import { and, eq, inArray } from "drizzle-orm";
import type { StreamOwner } from "../telemetry/index.ts";

/** Finds the domain of the customer's that a name is, or lies below; null for what is nobody's here. */
export type FindHosted = (name: string) => string | null;

/** Looks all of these names up at once, among the domains of the customer whose host tells of them. */
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
          .select({ name: domains.name })
          .from(domains)
          .where(
            and(
              eq(domains.organisationId, organisationId),
              eq(domains.tenantId, tenantId),
              inArray(domains.name, asked),
            ),
          );
  const hosted = new Set(rows.map(({ name }) => name));
  return (name) => withParents(name).find((one) => hosted.has(one)) ?? null;
}

const labelsMax = 20;

/** The name itself first, then what lies above it, but for its last label. */
function withParents(name: string): string[] {
  const labels = name.split(".").slice(-labelsMax);
  return labels.slice(0, -1).map((_, at) => labels.slice(at).join("."));
}
