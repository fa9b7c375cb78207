import { domainToUnicode } from "node:url";
import type { ServerLevel } from "@mailstead/core/servers";
import { dnsChecks, domains, tenants } from "@mailstead/db";
import { asc, eq, sql } from "drizzle-orm";
import { type ServiceContext, withTransaction } from "../context/index.ts";
import { countRequiredWrong, type DomainHealth, healthOf, levelOfDomain } from "./domain-health.ts";
import type { DomainCheckReport } from "./domain-report.ts";

/** A domain whose mail suffers, by what the last check saw. */
export interface DomainFinding {
  domainId: string;
  unicodeName: string;
  tenantName: string;
  health: DomainHealth;
  level: ServerLevel;
  /** Required records that are missing or different. */
  recordCount: number;
}

const findingsMax = 50;

// Only required ones, because a domain without a recommended record still sends and receives.
const requiredIsWrong =
  '$.records[*] ? (@.record.level == "required" && (@.verdict.kind == "missing" || @.verdict.kind == "different"))';

/** The domains that miss a record which mail cannot do without, by name; no more than a page shows. */
export function listDomainFindings(ctx: ServiceContext): Promise<DomainFinding[]> {
  const lastReport = sql<DomainCheckReport | null>`(select ${dnsChecks.report} from ${dnsChecks}
    where ${dnsChecks.domainId} = ${domains.id} order by ${dnsChecks.checkedAt} desc, ${dnsChecks.id} desc limit 1)`;
  return withTransaction(ctx, async (tx) => {
    const rows = await tx
      .select({ domainId: domains.id, name: domains.name, tenantName: tenants.name, report: lastReport })
      .from(domains)
      .innerJoin(tenants, eq(tenants.id, domains.tenantId))
      .where(sql`jsonb_path_exists(${lastReport}, ${requiredIsWrong}::jsonpath)`)
      .orderBy(asc(domains.name))
      .limit(findingsMax);
    return rows.map(({ domainId, name, tenantName, report }) => ({
      domainId,
      unicodeName: domainToUnicode(name),
      tenantName,
      health: healthOf(report),
      level: levelOfDomain(report),
      recordCount: countRequiredWrong(report),
    }));
  });
}
