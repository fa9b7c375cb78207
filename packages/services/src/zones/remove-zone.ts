import { zones } from "@mailstead/db";
import { eq } from "drizzle-orm";
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
import { getZoneForChange, readZoneRecords } from "./zone-rows.ts";

const removeZoneInput = z.object({
  zoneId: z.uuid(),
  /** The zone's name once more, because whoever still asks these servers for it finds nothing afterwards. */
  confirmedName: z.string(),
});

/** Has its servers answer for a zone no longer. Throws `precondition-failed` unless the name was confirmed. */
export async function removeZone(ctx: ServiceContext, input: z.input<typeof removeZoneInput>): Promise<void> {
  requireRole(ctx, "admin");
  const { zoneId, confirmedName } = parseInput(removeZoneInput, input);
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
