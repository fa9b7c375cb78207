import { judgeCatchAll } from "@mailstead/core/checks";
import { reusedNameWaitMs } from "@mailstead/core/dkim";
import { dkimRecordName, isSeenByAll, parseMx, type RecordPurpose } from "@mailstead/core/dns";
import { planNextCheck } from "@mailstead/core/domains";
import { dkimKeys, dnsChecks, domains, newId, type Transaction } from "@mailstead/db";
import { and, desc, eq, inArray, isNull, ne, notInArray } from "drizzle-orm";
import { z } from "zod";
import { recordAudit } from "../audit/index.ts";
import {
  hasHostView,
  hasReachedPort25,
  inspectForeignMx,
  outsideViewOf,
  recordFindings,
} from "../checks/index.ts";
import { isTimeSureNow } from "../clock/index.ts";
import { parseInput, requireRole, type ServiceContext, withTransaction } from "../context/index.ts";
import { checkRecords, type Resolver, resolverFromText } from "../dns/index.ts";
import { findDomain, getDomainForChange } from "../mailboxes/index.ts";
import { changeTargetState, getServerForChange } from "../servers/index.ts";
import { findingsOf, unseenIn } from "./domain-findings.ts";
import { type DomainHealth, healthOf } from "./domain-health.ts";
import {
  type DomainCheckReport,
  type DomainRecords,
  joinVerdicts,
  planDomainRecords,
  readLastCheck,
} from "./domain-report.ts";
import { readDomainServers } from "./domain-servers.ts";
import { endLeaving } from "./end-leaving.ts";
import { flattenDomainSpf } from "./flatten-domain-spf.ts";
import { readCatchAll } from "./read-catch-all.ts";
import { readOwnNames } from "./read-own-names.ts";
import { tellDomainServers } from "./tell-domain-servers.ts";
import { readUntrustedHosts } from "./untrusted-hosts.ts";

const checkDomainInput = z.object({ domainId: z.uuid() });

export interface DomainCheck {
  checkedAt: Date;
  report: DomainCheckReport;
  /** Selectors that began to sign because the whole world can see them now. */
  startedSigning: string[];
  /** Keys of findings that stay open, since nobody could be asked about them. */
  unseen: string[];
}

/** How many checks of a domain are kept, for its time line. */
const keptChecksMax = 200;
const oldKeysMax = 8;

/**
 * Asks the authoritative servers for every record that a domain needs and keeps what they said. A key whose record
 * all of them show begins to sign. Never throws for what the network does.
 */
export async function checkDomain(
  ctx: ServiceContext,
  input: z.input<typeof checkDomainInput>,
  resolver: Resolver = resolverFromText(ctx.installation.dnsResolver),
): Promise<DomainCheck> {
  const { domainId } = parseInput(checkDomainInput, input);
  requireRole(ctx, "technician");
  // Names and addresses of its servers may have changed since they were told of each other.
  await withTransaction(ctx, async (tx) => {
    const domain = await getDomainForChange(tx, domainId);
    const hosts = await readDomainServers(tx, domainId);
    if (hosts.length > 1)
      await tellDomainServers(tx, ctx, { domain, summary: `Servers of ${domain.name} changed` });
  });
  const asked = await readWhatToAsk(ctx, domainId);
  const { domain, before, toFlatten, untrustedHosts, oldKeyNames, ownNames, catchAll } = asked;
  if (toFlatten !== null) await flattenDomainSpf(ctx, { id: domainId, name: domain, toFlatten }, resolver);
  const { records } = toFlatten === null ? asked : await readWhatToAsk(ctx, domainId);
  const sources = ctx.installation.outsideSources ?? {};
  const last = before?.report.kind === "checked" ? before.report : null;
  // The network is asked between transactions: a slow name server must hold no lock.
  const report = await checkRecords(records, resolver, {
    now: ctx.now(),
    policy: { domain, before: last?.policy ?? null, untrustedHosts },
    oldKeyNames,
    ownNames,
    registers: {
      sources: asked.isHostAsking ? { ...sources, blockLists: {} } : sources,
      before: last?.registration ?? null,
      listingsBefore: last?.listings,
    },
    known: judgeCatchAll(domain, catchAll),
    also: (view) =>
      inspectForeignMx(domain, {
        view,
        now: ctx.now(),
        ours: records.flatMap(({ name, type, value }) =>
          type === "MX" && name === domain ? [parseMx(value).host] : [],
        ),
        meeting: { probeName: outsideViewOf(ctx).looking.probeName },
        canReachPort25: () => withTransaction(ctx, (tx) => hasReachedPort25(tx)),
      }),
  });
  return recordDomainCheck(ctx, { domainId, report });
}

async function readWhatToAsk(ctx: ServiceContext, domainId: string) {
  return withTransaction(ctx, async (tx) => {
    const found = await findDomain(tx, domainId);
    const { records, spfToFlatten } = await planDomainRecords(tx, found);
    const hosts = await readDomainServers(tx, domainId);
    const untrusted = await readUntrustedHosts(tx, hosts, ctx.now());
    return {
      records,
      domain: found.name,
      toFlatten: spfToFlatten,
      // Where nobody looked, nothing is known, and nothing is found.
      untrustedHosts: untrusted.filter(({ kind }) => kind === "untrusted").map(({ hostname }) => hostname),
      before: await readLastCheck(tx, domainId),
      oldKeyNames: await readOldKeyNames(tx, found),
      ownNames: await readOwnNames(tx, found.name),
      catchAll: await readCatchAll(tx, found),
      isHostAsking: await hasHostView(
        tx,
        hosts.map(({ id }) => id),
        ctx.now(),
      ),
    };
  });
}

/**
 * Keeps what the world answered, lets the keys sign that all of it can see, and says when to ask again. A resolver
 * that answered nothing leaves what was known as it was. Throws `not-found`.
 */
export async function recordDomainCheck(
  ctx: ServiceContext,
  { domainId, report }: { domainId: string; report: DomainCheckReport },
): Promise<DomainCheck> {
  const checkedAt = ctx.now();
  const kept = await withTransaction(ctx, async (tx) => {
    const domain = await getDomainForChange(tx, domainId);
    if (report.kind === "resolver-silent") {
      await changeCheckState(tx, domainId, {
        resolverProblem: report.sentence,
        resolverProblemAt: checkedAt,
      });
      return { startedSigning: [], unseen: [] };
    }
    const { organisationId, tenantId, name } = domain;
    await tx
      .insert(dnsChecks)
      .values({ id: newId(checkedAt), organisationId, tenantId, domainId, checkedAt, report });
    await forgetOldChecks(tx, domainId);
    const known = { found: findingsOf(report), unseen: unseenIn(report), at: checkedAt };
    const { unseen } = await recordFindings(tx, { organisationId, tenantId, domainId }, known);
    await endLeaving(tx, ctx, { domain, report });
    // Planned anew, because keys may have changed while the network was asked.
    const { records, keys } = await planDomainRecords(tx, domain);
    const seen = new Set(
      joinVerdicts(records, report)
        .filter(({ purpose, verdict }) => isOfKey(purpose) && verdict !== null && isSeenByAll(verdict))
        .map(({ name: recordName }) => recordName),
    );
    const waiting = keys.filter(
      ({ isMade, state, isInRotation }) => isMade && state === "waiting" && !isInRotation,
    );
    const shown = waiting.filter((key) => isShown(key, seen));
    await noteShown(tx, { waiting, shown, now: checkedAt });
    const isSure = await isTimeSureNow(tx, ctx);
    const ready = shown.filter((key) => !key.isNameReused || (isSure && hasRested(key, checkedAt)));
    await changeCheckState(tx, domainId, {
      ...planChecks(
        { domain, health: healthOf(report), waiting: waiting.filter((key) => !ready.includes(key)) },
        checkedAt,
      ),
      resolverProblem: null,
      resolverProblemAt: null,
    });
    if (ready.length === 0) return { startedSigning: [], unseen };
    await startSigning(tx, ctx, { domainName: name, keys: ready });
    const selectors = ready.map((key) => key.selector);
    await recordAudit(tx, ctx, {
      organisationId,
      tenantId,
      action: "start-signing",
      subject: { kind: "domain", id: domainId, name },
      after: { selectors },
    });
    return { startedSigning: selectors, unseen };
  });
  return { checkedAt, report, ...kept };
}

type WaitingKey = DomainRecords["keys"][number];

function isOfKey(purpose: RecordPurpose): boolean {
  return purpose === "dkim" || purpose === "dkim-alias";
}

function isShown({ recordName, aliasName }: WaitingKey, seen: ReadonlySet<string>): boolean {
  return seen.has(recordName) && (aliasName === null || seen.has(aliasName));
}

/** Where another key stood before, resolvers may remember that one for a while after all servers show the new one. */
function hasRested({ shownSince }: WaitingKey, now: Date): boolean {
  return shownSince !== null && now.getTime() - shownSince.getTime() >= reusedNameWaitMs;
}

async function noteShown(
  tx: Transaction,
  { waiting, shown, now }: { waiting: readonly WaitingKey[]; shown: readonly WaitingKey[]; now: Date },
): Promise<void> {
  for (const key of waiting.filter(({ isNameReused }) => isNameReused)) {
    const since = shown.includes(key) ? (key.shownSince ?? now) : null;
    if (since?.getTime() === key.shownSince?.getTime()) continue;
    key.shownSince = since;
    await tx.update(dkimKeys).set({ shownSince: since }).where(eq(dkimKeys.id, key.id));
  }
}

type CheckState = Pick<
  Partial<typeof domains.$inferInsert>,
  "nextCheckAt" | "unsettledSince" | "resolverProblem" | "resolverProblemAt"
>;

async function changeCheckState(tx: Transaction, domainId: string, state: CheckState): Promise<void> {
  await tx.update(domains).set(state).where(eq(domains.id, domainId));
}

function planChecks(
  {
    domain,
    health,
    waiting,
  }: {
    domain: { id: string; unsettledSince: Date | null };
    health: DomainHealth;
    waiting: readonly { reportedAt: Date | null }[];
  },
  now: Date,
): CheckState {
  const newestKeyMs = Math.max(...waiting.map((key) => key.reportedAt?.getTime() ?? 0), 0);
  const sinceMs = Math.max(domain.unsettledSince?.getTime() ?? now.getTime(), newestKeyMs);
  const unsettledSince = health === "right" ? null : new Date(sinceMs);
  const waitingSince = waiting.length === 0 ? null : new Date(newestKeyMs);
  return {
    unsettledSince,
    nextCheckAt: planNextCheck({ domainId: domain.id, unsettledSince, waitingSince }, now),
  };
}

async function startSigning(
  tx: Transaction,
  ctx: ServiceContext,
  {
    domainName,
    keys,
  }: { domainName: string; keys: readonly { id: string; serverId: string; selector: string }[] },
): Promise<void> {
  await tx
    .update(dkimKeys)
    .set({ state: "signing" })
    .where(
      inArray(
        dkimKeys.id,
        keys.map((key) => key.id),
      ),
    );
  for (const serverId of [...new Set(keys.map((key) => key.serverId))].sort()) {
    const selectors = keys.filter((key) => key.serverId === serverId).map((key) => key.selector);
    await changeTargetState(tx, ctx, {
      server: await getServerForChange(tx, serverId),
      summary: `${domainName} signs with ${selectors.join(" and ")}`,
      change: (state) => ({
        ...state,
        domains: state.domains.map((domain) =>
          domain.name === domainName
            ? {
                ...domain,
                dkimKeys: domain.dkimKeys.map((key) =>
                  selectors.includes(key.selector) ? { ...key, isSigning: true } : key,
                ),
              }
            : domain,
        ),
      }),
    });
  }
}

/**
 * Names of the keys that were given up last; those from before were looked for when they were. Names that are used again
 * hold the next key, and that is no leftover.
 */
async function readOldKeyNames(tx: Transaction, domain: { id: string; name: string }): Promise<string[]> {
  const inUse = tx
    .select({ selector: dkimKeys.selector })
    .from(dkimKeys)
    .where(and(eq(dkimKeys.domainId, domain.id), ne(dkimKeys.state, "destroyed")));
  const rows = await tx
    .select({ selector: dkimKeys.selector })
    .from(dkimKeys)
    .where(
      and(
        eq(dkimKeys.domainId, domain.id),
        eq(dkimKeys.state, "destroyed"),
        isNull(dkimKeys.publishedAtName),
        notInArray(dkimKeys.selector, inUse),
      ),
    )
    .orderBy(desc(dkimKeys.selector))
    .limit(oldKeysMax);
  return rows.map(({ selector }) => dkimRecordName({ selector, domain: domain.name }));
}

async function forgetOldChecks(tx: Transaction, domainId: string): Promise<void> {
  const kept = tx
    .select({ id: dnsChecks.id })
    .from(dnsChecks)
    .where(eq(dnsChecks.domainId, domainId))
    .orderBy(desc(dnsChecks.checkedAt), desc(dnsChecks.id))
    .limit(keptChecksMax);
  await tx.delete(dnsChecks).where(and(eq(dnsChecks.domainId, domainId), notInArray(dnsChecks.id, kept)));
}
