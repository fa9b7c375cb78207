import { domainToUnicode } from "node:url";
import { isOfOtherDomain, isUpkeepFinding, tellOnce } from "@mailstead/core/checks";
import { zoneFileLine } from "@mailstead/core/dns";
import { aliases, mailboxes } from "@mailstead/db";
import { count, eq } from "drizzle-orm";
import { z } from "zod";
import { findingsOfServers } from "../checks/index.ts";
import { parseInput, type ServiceContext, withTransaction } from "../context/index.ts";
import { findDomain } from "../mailboxes/index.ts";
import { type DomainCheckReport, joinVerdicts, planDomainRecords, readLastCheck } from "./domain-report.ts";

const getDomainInput = z.object({ domainId: z.uuid() });

export type DomainDetail = Awaited<ReturnType<typeof getDomain>>;

/** A domain with the records it needs, each with what the world said of it last. Throws `not-found`. */
export async function getDomain(ctx: ServiceContext, input: z.input<typeof getDomainInput>) {
  const { domainId } = parseInput(getDomainInput, input);
  return withTransaction(ctx, async (tx) => {
    const domain = await findDomain(tx, domainId);
    const { records, keys, servers } = await planDomainRecords(tx, domain);
    const check = await readLastCheck(tx, domainId);
    const [mailboxCount] = await tx
      .select({ count: count() })
      .from(mailboxes)
      .where(eq(mailboxes.domainId, domainId));
    const [aliasCount] = await tx
      .select({ count: count() })
      .from(aliases)
      .where(eq(aliases.domainId, domainId));
    const ofHosts = await findingsOfServers(
      tx,
      servers.map(({ id }) => id),
    );
    return {
      id: domain.id,
      tenantId: domain.tenantId,
      name: domain.name,
      /** As people write it, when it has letters beyond ASCII. */
      unicodeName: domainToUnicode(domain.name),
      createdAt: domain.createdAt,
      /** It neither sends nor receives, and is on no server. */
      isWithoutMail: domain.isWithoutMail && servers.length === 0,
      servers,
      keys,
      records: joinVerdicts(records, check?.report ?? null).map((record) => ({
        ...record,
        zoneFileLine: zoneFileLine({ ...record, value: record.verdict?.readyValue ?? record.value }),
      })),
      /** Its servers as the outside world saw them last; what their agents tell stands on their own pages, as it is now. */
      hosts: servers.flatMap(({ id, hostname }) => {
        const findings = ofHosts
          .get(id)
          ?.filter((finding) => !isUpkeepFinding(finding) && !isOfOtherDomain(finding, domain.name));
        return findings === undefined ? [] : [{ id, hostname, findings: tellOnce(findings) }];
      }),
      /** The zones that its records lie in. */
      zones: check?.report.kind === "checked" ? (check.report.zones ?? []) : [],
      lastCheck: lastCheckOf(domain, check),
      mailboxCount: mailboxCount?.count ?? 0,
      aliasCount: aliasCount?.count ?? 0,
    };
  });
}

/** The age of what is shown, and what kept the newest look from seeing anything. */
function lastCheckOf(
  { resolverProblem, resolverProblemAt }: { resolverProblem: string | null; resolverProblemAt: Date | null },
  check: { checkedAt: Date; report: DomainCheckReport } | null,
): { checkedAt: Date; problem: string | null } | null {
  const checkedAt = check?.checkedAt ?? resolverProblemAt;
  return checkedAt === null ? null : { checkedAt, problem: resolverProblem };
}
