import { defaultRotationTiming, delegatedBase } from "@mailstead/core/dkim";
import { checkSoon } from "@mailstead/core/domains";
import {
  dkimKeys,
  dnsPublishedRecords,
  domains,
  organisations,
  type Transaction,
  zoneRecords,
} from "@mailstead/db";
import { and, asc, desc, eq, gt, isNotNull, isNull, like, ne } from "drizzle-orm";
import { type ServiceContext, ServiceError } from "../context/index.ts";
import { givePlaces } from "./delegated-names.ts";

const { queueLifeMs } = defaultRotationTiming;

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
  await refuseFormerAlias(tx, ctx, domain);
  await tx
    .update(domains)
    .set({ dkimDelegatedTo: base, ...checkSoon(ctx.now()) })
    .where(eq(domains.id, domain.id));
  await givePlaces(tx, domain.id);
  return base;
}

/** Those of a former life of the domain go by themselves, or may be replaced, when no mail of theirs can be on its way. */
async function refuseFormerAlias(
  tx: Transaction,
  ctx: { now(): Date },
  { name, organisationId }: { name: string; organisationId: string },
): Promise<void> {
  const now = ctx.now();
  const [published] = await tx
    .select({
      alias: dnsPublishedRecords.name,
      target: dnsPublishedRecords.value,
      leftAt: dnsPublishedRecords.leftAt,
    })
    .from(dnsPublishedRecords)
    .where(
      and(
        eq(dnsPublishedRecords.organisationId, organisationId),
        eq(dnsPublishedRecords.formerDomainName, name),
        isNull(dnsPublishedRecords.domainId),
        eq(dnsPublishedRecords.type, "CNAME"),
        like(dnsPublishedRecords.name, `%._domainkey.${name}`),
        gt(dnsPublishedRecords.leftAt, new Date(now.getTime() - queueLifeMs)),
      ),
    )
    .orderBy(desc(dnsPublishedRecords.leftAt), asc(dnsPublishedRecords.name))
    .limit(1);
  const [hosted] = await tx
    .select({ alias: zoneRecords.name, target: zoneRecords.value, freeFrom: zoneRecords.leavesAt })
    .from(zoneRecords)
    .where(
      and(
        isNull(zoneRecords.domainId),
        eq(zoneRecords.purpose, "dkim-alias"),
        like(zoneRecords.name, `%._domainkey.${name}`),
        gt(zoneRecords.leavesAt, now),
      ),
    )
    .orderBy(desc(zoneRecords.leavesAt), asc(zoneRecords.name))
    .limit(1);
  const alias = published ?? hosted;
  if (alias === undefined) return;
  const freeFrom =
    published === undefined
      ? (hosted?.freeFrom ?? now)
      : new Date((published.leftAt ?? now).getTime() + queueLifeMs);
  throw new ServiceError(
    "precondition-failed",
    `${alias.alias} still leads to ${alias.target} for mail that was signed before ${name} was removed. Hand its names over from ${freeFrom.toISOString().slice(0, 16).replace("T", " ")} UTC on.`,
  );
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
