import { challengeRecordName, delegatedChallengeName } from "@mailstead/core/certificates";
import { isSeenByAll, zoneFileLine } from "@mailstead/core/dns";
import { dkimKeys, organisations } from "@mailstead/db";
import { and, eq, isNotNull, ne } from "drizzle-orm";
import { z } from "zod";
import { parseInput, type ServiceContext, withTransaction } from "../context/index.ts";
import { joinVerdicts, planDomainRecords, readLastCheck } from "../domains/index.ts";
import { findDomain } from "../mailboxes/index.ts";

const domainInput = z.object({ domainId: z.uuid() });

/**
 * Whether a domain has handed its DKIM names over, the aliases to publish for that, and how far it is; and the alias by
 * which proofs of its certificates may lie there too. Throws `not-found`.
 */
export async function getDomainDelegation(ctx: ServiceContext, input: z.input<typeof domainInput>) {
  const { domainId } = parseInput(domainInput, input);
  return withTransaction(ctx, async (tx) => {
    const domain = await findDomain(tx, domainId);
    const [organisation] = await tx
      .select({ zone: organisations.dkimZone })
      .from(organisations)
      .where(eq(organisations.id, domain.organisationId));
    const { records } = await planDomainRecords(tx, domain);
    const check = await readLastCheck(tx, domainId);
    const aliases = joinVerdicts(
      records.filter(({ purpose }) => purpose === "dkim-alias"),
      check?.report ?? null,
    );
    const held = await tx
      .select({ id: dkimKeys.id })
      .from(dkimKeys)
      .where(
        and(
          eq(dkimKeys.domainId, domainId),
          isNotNull(dkimKeys.publishedAtName),
          ne(dkimKeys.state, "destroyed"),
        ),
      )
      .limit(1);
    const zone = organisation?.zone ?? null;
    return {
      /** Null while the organisation has no zone for delegated names. */
      zone,
      /** Line of a zone file; null while there is no zone that it could lead into. */
      challengeAlias:
        zone === null
          ? null
          : zoneFileLine({
              name: challengeRecordName(domain.name),
              type: "CNAME",
              value: delegatedChallengeName(domainId, zone),
            }),
      isDelegated: domain.dkimDelegatedTo !== null,
      /** Whether a key stands behind one of the aliases, so that they must stay. */
      isInUse: held.length > 0,
      aliases: aliases.map((record) => ({
        name: record.name,
        line: zoneFileLine(record),
        isSeen: record.verdict !== null && isSeenByAll(record.verdict),
        /** What the last check said; null before it asked for this alias. */
        sentence: record.verdict?.sentence ?? null,
      })),
    };
  });
}
