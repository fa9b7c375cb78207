import { dkimKeys, dnsChecks, domainServers, domains, servers } from "@mailstead/db";
import { sql } from "drizzle-orm";
import {
  checkEach,
  type Database,
  type Installation,
  type Look,
  type SystemContext,
  withSystemTransaction,
} from "../context/index.ts";
import { DnsMemory, type Resolver, resolverFromText } from "../dns/index.ts";
import { checkDomain } from "./check-domain.ts";

const domainsPerRun = 1000;
/** A new key is looked for once its owner can have published it. */
const keyPublishedAfterMs = 60_000;
const silentResolverPauseMs = 60_000;
/** Less than the shortest time until a domain is asked about again. */
const memoryKeptForMs = 30_000;

export interface CheckRun {
  checked: { domainId: string; startedSigning: string[] }[];
  /** What the resolver did, when it answered nothing: then no more domains were tried. */
  resolverProblem: string | null;
  failed: { domainId: string; cause: unknown }[];
}

/**
 * Checks the domains whose turn it is: each once a day, soon after a change, and while a key waits to be seen, so that
 * signing begins without anybody pressing a button. The system finds them; each is checked in the context of its own
 * organisation, through `app`.
 */
export async function checkDueDomains(
  ctx: SystemContext,
  { app, installation }: { app: Database; installation: Installation },
): Promise<CheckRun> {
  const rows = await findDue(ctx);
  const resolverNow = sharedResolver(ctx, installation);
  const { failed, ...run } = await checkEach(
    ctx,
    { rows, app, installation },
    async (own, { domainId }): Promise<Look<CheckRun["checked"][number]>> => {
      const { report, startedSigning } = await checkDomain(own, { domainId }, resolverNow());
      return report.kind === "resolver-silent"
        ? report
        : { kind: "looked", checked: { domainId, startedSigning } };
    },
  );
  return { ...run, failed: failed.map(({ row: { domainId }, cause }) => ({ domainId, cause })) };
}

/** The checks of a run share what they hear for a moment: what a thousand domains have in common is asked once. */
function sharedResolver({ now }: SystemContext, { dnsResolver }: Installation): () => Resolver {
  const resolver = resolverFromText(dnsResolver);
  let memory = new DnsMemory();
  let since = now();
  return () => {
    if (now().getTime() - since.getTime() >= memoryKeptForMs) {
      memory = new DnsMemory(memory);
      since = now();
    }
    return { ...resolver, memory };
  };
}

function findDue(ctx: SystemContext): Promise<{ domainId: string; organisationId: string }[]> {
  const now = ctx.now();
  const before = (ms: number) => sql`${new Date(now.getTime() - ms)}::timestamptz`;
  const lastChecked = sql`(select max(${dnsChecks.checkedAt}) from ${dnsChecks} where ${dnsChecks.domainId} = ${domains.id})`;
  return withSystemTransaction(ctx, (tx) =>
    tx
      .select({ domainId: domains.id, organisationId: domains.organisationId })
      .from(domains)
      .where(
        sql`(${domains.resolverProblemAt} is null or ${domains.resolverProblemAt} <= ${before(silentResolverPauseMs)})
          and (${domains.nextCheckAt} is null or ${domains.nextCheckAt} <= ${before(0)}
            or exists (select from ${dkimKeys} where ${dkimKeys.domainId} = ${domains.id}
              and ${dkimKeys.state} = 'waiting' and ${dkimKeys.reportedAt} <= ${before(keyPublishedAfterMs)}
              and ${dkimKeys.reportedAt} > ${lastChecked})
            or exists (select from ${domainServers} join ${servers} on ${servers.id} = ${domainServers.serverId}
              where ${domainServers.domainId} = ${domains.id} and ${servers.addressesChangedAt} > ${lastChecked}))`,
      )
      .orderBy(sql`${domains.nextCheckAt} nulls first`)
      .limit(domainsPerRun),
  );
}
