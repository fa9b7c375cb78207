import { delegatedBase } from "@mailstead/core/dkim";
import { domains, organisations } from "@mailstead/db";
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
import { givePlaces } from "../dkim/index.ts";
import { getDomainForChange } from "../mailboxes/index.ts";

const domainInput = z.object({ domainId: z.uuid() });

/**
 * Has a domain hand its DKIM names over: its plan wants the aliases from now on, and the next rotation puts its keys
 * behind them. Nothing else changes before that. Throws `precondition-failed` while the organisation has no zone for it.
 */
export async function delegateDomainKeys(
  ctx: ServiceContext,
  input: z.input<typeof domainInput>,
): Promise<void> {
  requireRole(ctx, "technician");
  const { domainId } = parseInput(domainInput, input);
  await withTransaction(ctx, async (tx) => {
    const domain = await getDomainForChange(tx, domainId);
    if (domain.dkimDelegatedTo !== null) return;
    const [organisation] = await tx
      .select({ zone: organisations.dkimZone })
      .from(organisations)
      .where(eq(organisations.id, domain.organisationId));
    const zone = organisation?.zone ?? null;
    if (zone === null)
      throw new ServiceError(
        "precondition-failed",
        "The organisation has not said in which zone delegated DKIM names lie; an admin says so in the settings.",
      );
    if (`.${zone}`.endsWith(`.${domain.name}`))
      throw new ServiceError(
        "precondition-failed",
        `Delegated names lie in ${zone}, which is in ${domain.name} itself: Mailstead writes there anyway, so nothing is gained.`,
      );
    const base = delegatedBase(domainId, zone);
    await tx
      .update(domains)
      .set({ dkimDelegatedTo: base, nextCheckAt: ctx.now() })
      .where(eq(domains.id, domainId));
    await givePlaces(tx, domainId);
    await recordAudit(tx, ctx, {
      organisationId: domain.organisationId,
      tenantId: domain.tenantId,
      action: "delegate-dkim-names",
      subject: { kind: "domain", id: domainId, name: domain.name },
      after: { delegatedTo: base },
    });
  });
}

/** Has the next keys of a domain stand in its own zone again; the aliases stay until the last key behind them is gone. */
export async function keepDomainKeys(ctx: ServiceContext, input: z.input<typeof domainInput>): Promise<void> {
  requireRole(ctx, "technician");
  const { domainId } = parseInput(domainInput, input);
  await withTransaction(ctx, async (tx) => {
    const domain = await getDomainForChange(tx, domainId);
    if (domain.dkimDelegatedTo === null) return;
    await tx.update(domains).set({ dkimDelegatedTo: null }).where(eq(domains.id, domainId));
    await recordAudit(tx, ctx, {
      organisationId: domain.organisationId,
      tenantId: domain.tenantId,
      action: "keep-dkim-names",
      subject: { kind: "domain", id: domainId, name: domain.name },
      before: { delegatedTo: domain.dkimDelegatedTo },
    });
  });
}
