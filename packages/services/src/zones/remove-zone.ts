import { dkimKeys, domains, organisations, zones } from "@mailstead/db";
import { type AnyColumn, and, eq, ne, sql } from "drizzle-orm";
import { z } from "zod";
import { recordAudit } from "../audit/index.ts";
import {
  parseInput,
  requireRole,
  type ServiceContext,
  ServiceError,
  withTransaction,
} from "../context/index.ts";
import { withdrawZone } from "./write-zone.ts";
import { findZone, getZoneForChange, readZoneRecords } from "./zone-rows.ts";

const removeZoneInput = z.object({
  zoneId: z.uuid(),
  /** The zone's name once more, because whoever still asks these servers for it finds nothing afterwards. */
  confirmedName: z.string(),
});

/**
 * Has its servers answer for a zone no longer. Throws `precondition-failed` unless the name was confirmed, and while
 * domains have handed their DKIM names over to it: their mail would fail verification at once.
 */
export async function removeZone(ctx: ServiceContext, input: z.input<typeof removeZoneInput>): Promise<void> {
  requireRole(ctx, "admin");
  const { zoneId, confirmedName } = parseInput(removeZoneInput, input);
  const { name } = await withTransaction(ctx, (tx) => findZone(tx, zoneId));
  if (confirmedName === name) await refuseWhileDelegatedTo(ctx, name);
  await withTransaction(ctx, async (tx) => {
    const zone = await getZoneForChange(tx, zoneId);
    if (confirmedName !== zone.name)
      throw new ServiceError(
        "precondition-failed",
        `Type ${zone.name} to confirm: its name servers stop answering for it at once.`,
        { field: "confirmedName" },
      );
    const records = await readZoneRecords(tx, zoneId);
    await withdrawZone(tx, ctx, { zone, summary: `Zone ${zone.name} removed` });
    await tx.delete(zones).where(eq(zones.id, zoneId));
    await recordAudit(tx, ctx, {
      organisationId: zone.organisationId,
      tenantId: zone.tenantId,
      action: "remove-zone",
      subject: { kind: "zone", id: zoneId, name: zone.name },
      before: {
        name: zone.name,
        records: records
          .filter(({ purpose }) => purpose === null)
          .map(({ name, type, ttlSeconds, value }) => ({ name, type, ttlSeconds, value })),
      },
    });
  });
}

/** Keys of every customer's domains may stand there, also of those that this person does not see. */
async function refuseWhileDelegatedTo(ctx: ServiceContext, zoneName: string): Promise<void> {
  const isBelow = (column: AnyColumn) =>
    sql`right(${column}, ${zoneName.length + 1}::int) = ${`.${zoneName}`}`;
  const { keyed, handedOver, isSetting } = await withTransaction({ ...ctx, tenantId: null }, async (tx) => {
    const keyed = await tx
      .selectDistinct({ domainId: dkimKeys.domainId })
      .from(dkimKeys)
      .where(and(ne(dkimKeys.state, "destroyed"), isBelow(dkimKeys.publishedAtName)));
    const handedOver = await tx
      .select({ id: domains.id })
      .from(domains)
      .where(isBelow(domains.dkimDelegatedTo))
      .limit(1);
    const setting = await tx
      .select({ zone: organisations.dkimZone })
      .from(organisations)
      .where(eq(organisations.id, ctx.organisationId));
    return {
      keyed: keyed.length,
      handedOver: handedOver.length > 0,
      isSetting: setting.some(({ zone }) => zone !== null && `.${zone}`.endsWith(`.${zoneName}`)),
    };
  });
  if (keyed > 0)
    throw new ServiceError(
      "precondition-failed",
      `Signature keys of ${keyed} ${keyed === 1 ? "domain" : "domains"} stand in ${zoneName} behind delegated DKIM names, and their mail would fail verification at once. Stop delegating on the page "DKIM keys" of each, rotate, and wait until the last key behind its names is gone.`,
    );
  if (handedOver || isSetting)
    throw new ServiceError(
      "precondition-failed",
      `Delegated DKIM names lie in ${zoneName}, so that later keys would stand nowhere. Choose another zone for them in the settings, and stop delegating on the page "DKIM keys" of each domain.`,
    );
}
