import { organisations } from "@mailstead/db";
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
import { typedDomainName } from "../domains/index.ts";
import { readReachableZones } from "./reachable-zones.ts";

// A selector and a domain's id stand before it, and a DNS name has 253 characters.
const zoneLengthMax = 200;

const setDelegationZoneInput = z.object({
  zone: typedDomainName
    .refine((name) => name.length <= zoneLengthMax, {
      error: `a name that others are put below has at most ${zoneLengthMax} characters`,
    })
    .nullable(),
});

/**
 * Says below which name the DKIM names lie that domains hand over from now on; those that did so before stay where they
 * are, because their aliases lead there. Throws `forbidden` within one customer, and `precondition-failed` for a name in
 * a zone that Mailstead cannot write to.
 */
export async function setDelegationZone(
  ctx: ServiceContext,
  input: z.input<typeof setDelegationZoneInput>,
): Promise<void> {
  requireRole(ctx, "admin");
  if (ctx.tenantId !== null)
    throw new ServiceError("forbidden", "Delegated DKIM names are the organisation's to place.");
  const { zone } = parseInput(setDelegationZoneInput, input);
  await withTransaction(ctx, async (tx) => {
    const [before] = await tx
      .select({ name: organisations.name, zone: organisations.dkimZone })
      .from(organisations)
      .where(eq(organisations.id, ctx.organisationId))
      .for("update");
    if (before === undefined) throw new ServiceError("not-found", "There is no such organisation.");
    const reachable = await readReachableZones(tx);
    if (zone !== null && !reachable.some((name) => `.${zone}`.endsWith(`.${name}`)))
      throw new ServiceError(
        "precondition-failed",
        `${zone} lies in no zone that is hosted here or reached through a DNS connection for all customers; host or connect its zone first.`,
        { field: "zone" },
      );
    await tx.update(organisations).set({ dkimZone: zone }).where(eq(organisations.id, ctx.organisationId));
    await recordAudit(tx, ctx, {
      organisationId: ctx.organisationId,
      tenantId: null,
      action: "set-dkim-delegation-zone",
      subject: { kind: "organisation", id: ctx.organisationId, name: before.name },
      before: { zone: before.zone },
      after: { zone },
    });
  });
}
