import { delegatedBase } from "@mailstead/core/dkim";
import { dkimKeys, domains, organisations, type Transaction } from "@mailstead/db";
import { and, asc, eq, isNotNull, ne } from "drizzle-orm";
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
 * behind them. Nothing else changes before that. Throws `precondition-failed` while the organisation has no zone for it,
 * and while keys stand behind aliases that lead elsewhere.
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
    await refuseSecondAlias(tx, { domain, base });
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

/** A name is an alias of one other only (RFC 1034 §3.6.2), and mail that is on its way needs the one that stands. */
async function refuseSecondAlias(
  tx: Transaction,
  { domain, base }: { domain: { id: string; name: string }; base: string },
): Promise<void> {
  const held = await tx
    .select({ signsAs: dkimKeys.signsAs, target: dkimKeys.publishedAtName })
    .from(dkimKeys)
    .where(
      and(
        eq(dkimKeys.domainId, domain.id),
        isNotNull(dkimKeys.publishedAtName),
        ne(dkimKeys.state, "destroyed"),
      ),
    )
    .orderBy(asc(dkimKeys.signsAs));
  const [other] = held.filter(({ target }) => target?.endsWith(`.${base}`) === false);
  if (other === undefined) return;
  throw new ServiceError(
    "precondition-failed",
    `${other.signsAs}._domainkey.${domain.name} still leads to a key in ${other.target}, and cannot lead to ${base} as well: wait until the last key behind the former aliases is gone, or set the delegation zone back.`,
  );
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
