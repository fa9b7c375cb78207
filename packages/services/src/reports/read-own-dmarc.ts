import type { ProviderId } from "@mailstead/core/delivery";
import { judgeSources, providerOfReporter, type SourceRow } from "@mailstead/core/reports";
import type { ComplaintScope } from "@mailstead/core/reputation";
import { dmarcRows, domainServers, domains, receivedReports, type Transaction } from "@mailstead/db";
import { and, eq, gte, inArray, sql } from "drizzle-orm";
import { type OwnHosts, readOwnHosts } from "./own-hosts.ts";

/** One day's mail of a domain at one receiver that truly came from us, by DMARC's verdict there. */
export interface OwnDmarc {
  readonly domainId: string;
  /** The server and the address that it came from; null where it went by a smarthost or was passed on. */
  readonly serverId: string | null;
  readonly address: string | null;
  readonly provider: ProviderId | null;
  /** As 2026-11-20, in UTC. */
  readonly day: string;
  readonly passed: number;
  readonly total: number;
}

/**
 * What receivers reported since a moment of our own mail, forgeries left out. Domains of which all mail passed are left out
 * too: they are most, and nothing speaks against them.
 */
export async function readOwnDmarc(
  tx: Transaction,
  scope: ComplaintScope,
  from: Date,
): Promise<readonly OwnDmarc[]> {
  const failing = await readFailingDomains(tx, scope, from);
  if (failing.length === 0) return [];
  const hosts = await readOwnHosts(
    tx,
    failing.map(({ id }) => id),
  );
  const senders = [...hosts.values()].flatMap((own) => own.hosts);
  // Of a server alone only what came from its own addresses is told: that is its mail, whoever proved what.
  const meant = scope.serverId === undefined ? senders : senders.filter(({ id }) => id === scope.serverId);
  // Domains of one server have the same ones, and each row is compared with all of them.
  const addresses = [...new Set(meant.flatMap(({ ipAddresses }) => ipAddresses))];
  const rows = await readRows(tx, {
    domainIds: failing.map(({ id }) => id),
    addresses,
    from,
    areAlone: scope.serverId !== undefined,
  });
  const byDomain = Map.groupBy(rows, ({ domainId }) => domainId);
  return failing.flatMap((domain) => {
    const own = hosts.get(domain.id);
    return own === undefined ? [] : ownOf(domain, { own, rows: byDomain.get(domain.id) ?? [] });
  });
}

/** Joins what a report says to the customer's domain that it is about. */
export const isOfDomain = and(
  eq(domains.organisationId, dmarcRows.organisationId),
  eq(domains.tenantId, dmarcRows.tenantId),
  eq(domains.name, dmarcRows.domain),
);

async function readFailingDomains(tx: Transaction, { domainId, serverId }: ComplaintScope, from: Date) {
  return tx
    .selectDistinct({ id: domains.id, name: domains.name })
    .from(dmarcRows)
    .innerJoin(domains, isOfDomain)
    .where(
      and(
        gte(dmarcRows.endsAt, from),
        eq(dmarcRows.isDkimAligned, false),
        eq(dmarcRows.isSpfAligned, false),
        domainId === undefined ? undefined : eq(domains.id, domainId),
        serverId === undefined
          ? undefined
          : inArray(
              domains.id,
              tx
                .select({ id: domainServers.domainId })
                .from(domainServers)
                .where(eq(domainServers.serverId, serverId)),
            ),
      ),
    );
}

interface ReportedRow extends Omit<SourceRow, "disposition" | "reasons"> {
  readonly domainId: string;
  readonly reporter: string;
  readonly day: string;
  readonly [column: string]: unknown;
}

interface AskedRows {
  readonly domainIds: readonly string[];
  readonly addresses: readonly string[];
  readonly from: Date;
  /** Whether nothing but what came from the addresses is wanted. */
  readonly areAlone: boolean;
}

/**
 * What came from an address of ours, or was proven by anybody in part: no other source can be ours, and forgers have many.
 */
async function readRows(tx: Transaction, asked: AskedRows): Promise<readonly ReportedRow[]> {
  // A report that ends at midnight is of the day before.
  const day = sql`to_char((${dmarcRows.endsAt} - interval '1 second') at time zone 'UTC', 'YYYY-MM-DD')`;
  const isProven = sql`(lower(${dmarcRows.spf} ->> 'result') = 'pass' or exists (
    select 1 from jsonb_array_elements(${dmarcRows.dkim}) signed where lower(signed ->> 'result') = 'pass'))`;
  const { rows } = await tx.execute<ReportedRow>(sql`
    select * from (
      select ${domains.id} as "domainId", ${dmarcRows.sourceIp} as "sourceIp", ${receivedReports.reporter} as reporter,
        ${day} as day, ${dmarcRows.isDkimAligned} as "isDkimAligned", ${dmarcRows.isSpfAligned} as "isSpfAligned",
        ${dmarcRows.dkim} as dkim, ${dmarcRows.spf} as spf, sum(${dmarcRows.messages})::float8 as messages,
        bool_or(bool_or(${isProven})) over (partition by ${domains.id}, ${dmarcRows.sourceIp}) as "isProven"
      from ${dmarcRows}
      join ${receivedReports} on ${receivedReports.id} = ${dmarcRows.reportId}
      join ${domains} on ${isOfDomain}
      where ${dmarcRows.endsAt} >= ${asked.from.toISOString()}::timestamptz
        and ${domains.id} = any(${sql.param(asked.domainIds)}::uuid[])
        ${asked.areAlone ? sql`and ${dmarcRows.sourceIp} = any(${sql.param(asked.addresses)}::text[])` : sql``}
      group by 1, 2, 3, 4, 5, 6, 7, 8
    ) seen where "isProven" or "sourceIp" = any(${sql.param(asked.addresses)}::text[])`);
  return rows;
}

function ownOf(
  domain: { id: string; name: string },
  { own, rows }: { own: OwnHosts; rows: readonly ReportedRow[] },
): OwnDmarc[] {
  const sources = judgeSources(
    rows.map((row) => ({ ...row, disposition: "", reasons: [] })),
    {
      domain: domain.name,
      servers: own.hosts.map(({ name, ipAddresses }) => ({ name, addresses: ipAddresses })),
      smarthosts: own.smarthosts(domain.name),
      selectors: own.selectors,
      // Whether a service was expected is of no matter: it is not ours either way.
      includes: [],
    },
  );
  const ours = new Set(
    sources.filter(({ origin }) => origin.kind === "ours").map(({ sourceIp }) => sourceIp),
  );
  return rows
    .filter(({ sourceIp }) => ours.has(sourceIp))
    .map(({ sourceIp, reporter, day, messages, isDkimAligned, isSpfAligned }) => {
      const host = own.hosts.find(({ ipAddresses }) => sourceIp !== null && ipAddresses.includes(sourceIp));
      return {
        domainId: domain.id,
        serverId: host?.id ?? null,
        address: host === undefined ? null : sourceIp,
        provider: providerOfReporter(reporter),
        day,
        passed: isDkimAligned || isSpfAligned ? messages : 0,
        total: messages,
      };
    });
}
