import { delegatedBase } from "@mailstead/core/dkim";
import { checkSoon } from "@mailstead/core/domains";
import { dkimKeys, domains, organisations, type Transaction } from "@mailstead/db";
import { and, asc, eq, isNotNull, ne } from "drizzle-orm";
import { type ServiceContext, ServiceError } from "../context/index.ts";
import { givePlaces } from "./delegated-names.ts";

/**
 * Has a locked domain want aliases at its DKIM names from now on. Gives below which name they lead. Throws
 * `precondition-failed` while the organisation has no zone for it, and while keys stand behind aliases that lead elsewhere.
 */
export async function handNamesOver(
  tx: Transaction,
  ctx: Pick<ServiceContext, "now">,
  domain: { id: string; name: string; organisationId: string },
): Promise<string> {
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
  const base = delegatedBase(domain.id, zone);
  await refuseSecondAlias(tx, { domain, base });
  await tx
    .update(domains)
    .set({ dkimDelegatedTo: base, ...checkSoon(ctx.now()) })
    .where(eq(domains.id, domain.id));
  await givePlaces(tx, domain.id);
  return base;
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
