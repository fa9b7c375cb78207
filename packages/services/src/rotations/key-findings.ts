import { type KeyFindingKind, keyFindingKey, keyFindingPrefix } from "@mailstead/core/dkim";
import { checkFindings, domains, type Transaction, tenants } from "@mailstead/db";
import { and, asc, eq, isNull, like } from "drizzle-orm";
import { recordFindings } from "../checks/index.ts";

interface KeyFindingOf {
  domain: { id: string; organisationId: string; tenantId: string };
  kind: KeyFindingKind;
  /** Tells apart findings of one kind, as alarms of two rotations. */
  about?: string;
}

/**
 * Opens a finding about a domain's keys, which is mailed like those of checks, or changes its words, or, with null, closes
 * it. True when it was not open before.
 */
export async function setKeyFinding(
  tx: Transaction,
  { domain, kind, about }: KeyFindingOf,
  { sentence, at }: { sentence: string | null; at: Date },
): Promise<boolean> {
  const own = keyFindingKey(kind, about);
  const { id: domainId, organisationId, tenantId } = domain;
  const { open } = await recordFindings(
    tx,
    { organisationId, tenantId, domainId },
    {
      found: sentence === null ? [] : [{ key: own, severity: "warning", sentence }],
      unseen: (key) => key !== own,
      at,
      by: "keys",
    },
  );
  return open.length > 0;
}

/** What a person should know of a domain's keys now, the oldest first; what rotations wait for is theirs to say. */
export async function readKeyFindings(tx: Transaction, { domainId }: { domainId?: string } = {}) {
  const alarms = keyFindingKey("alarm");
  const rows = await tx
    .select({
      key: checkFindings.key,
      sentence: checkFindings.sentence,
      domainId: domains.id,
      name: domains.name,
      tenantName: tenants.name,
      at: checkFindings.openedAt,
    })
    .from(checkFindings)
    .innerJoin(domains, eq(domains.id, checkFindings.domainId))
    .innerJoin(tenants, eq(tenants.id, checkFindings.tenantId))
    .where(
      and(
        isNull(checkFindings.closedAt),
        like(checkFindings.key, `${keyFindingPrefix}%`),
        domainId === undefined ? undefined : eq(checkFindings.domainId, domainId),
      ),
    )
    .orderBy(asc(checkFindings.openedAt), asc(checkFindings.id));
  return rows.filter(({ key }) => !key.startsWith(alarms)).map(({ key: _key, ...row }) => row);
}
