import {
  conditionFindingPrefix,
  type HostCheckFacts,
  type HostInside,
  judgeHost,
  seenFindingOf,
  unsettledSince,
} from "@mailstead/core/checks";
import type { CheckFinding } from "@mailstead/core/dns";
import { planNextCheck, receivesMail } from "@mailstead/core/domains";
import { isOfFamilies, isPublicAddress, type StackSettings } from "@mailstead/core/servers";
import {
  checkFindings,
  domainServers,
  domains,
  newId,
  serverChecks,
  servers,
  type Transaction,
  targetStates,
  zones,
} from "@mailstead/db";
import { and, desc, eq, inArray, isNull, max, ne, notInArray, notLike, sql } from "drizzle-orm";
import { z } from "zod";
import {
  type OutsideSources,
  parseInput,
  requireRole,
  type ServiceContext,
  ServiceError,
  withTransaction,
} from "../context/index.ts";
import { DnsQueryError, DnsView, type Resolver, resolverFromText } from "../dns/index.ts";
import { getServerForChange } from "../servers/index.ts";
import { hasHostView } from "./has-host-view.ts";
import { type HostToInspect, inspectHost, type Looking } from "./inspect-host.ts";
import { recordFindings } from "./record-findings.ts";
import { unseenIn } from "./unseen-host-findings.ts";

const serverInput = z.object({ serverId: z.uuid() });

/** What the outside world sees of a server, and what is found in it. */
export interface ServerCheckReport {
  facts: HostCheckFacts;
  findings: CheckFinding[];
}

export type ServerCheck =
  /** `unseen` are the keys of findings that stay open, since nobody could be asked about them. */
  | { kind: "checked"; checkedAt: Date; report: ServerCheckReport; unseen: string[] }
  /** Nothing can be said of any name, so nothing that was known changes. */
  | { kind: "resolver-silent"; sentence: string };

export interface OutsideView {
  resolver: Resolver;
  looking: Looking;
  sources?: OutsideSources;
}

/** How many checks of a server are kept. */
const keptChecksMax = 50;

/** Looks at a server from outside as an installation does: its resolver, the mail ports, and its own name in EHLO. */
export function outsideViewOf({ installation }: Pick<ServiceContext, "installation">): OutsideView {
  return {
    resolver: resolverFromText(installation.dnsResolver),
    looking: { listensOn: (port) => port, probeName: new URL(installation.publicUrl).hostname },
    sources: installation.outsideSources ?? {},
  };
}

/**
 * Looks at a server as receivers and mail programs meet it, and keeps what was found. Only addresses that the world can
 * reach are looked at. Throws `not-found`; never for what the network does.
 */
export async function checkServer(
  ctx: ServiceContext,
  input: z.input<typeof serverInput>,
  outside: OutsideView = outsideViewOf(ctx),
): Promise<ServerCheck> {
  const { serverId } = parseInput(serverInput, input);
  requireRole(ctx, "technician");
  const { host, isAskingItself } = await withTransaction(ctx, async (tx) => ({
    host: await readHost(tx, serverId),
    isAskingItself: await hasHostView(tx, [serverId], ctx.now()),
  }));
  const before = await getServerCheck(ctx, { serverId });
  const now = ctx.now();
  try {
    const view = new DnsView(outside.resolver);
    await view.inspectZoneOf(host.hostname, now);
    const facts = await inspectHost(host, {
      view,
      now,
      looking: outside.looking,
      sources: isAskingItself ? withoutBlockLists(outside.sources) : (outside.sources ?? {}),
      before: before?.report.facts ?? null,
    });
    const report = { facts, findings: judgeHost(facts) };
    const { unseen } = await recordServerCheck(ctx, { serverId, report });
    return { kind: "checked", checkedAt: now, report, unseen };
  } catch (cause) {
    if (!(cause instanceof DnsQueryError)) throw cause;
    return {
      kind: "resolver-silent",
      sentence: `The resolver that Mailstead asks does not answer (${cause.message}), so the server's names could not be checked. Try again in a minute.`,
    };
  }
}

/** The host's own resolver is the better one to ask from: lists count, and refuse, by who asks. */
function withoutBlockLists({ blockLists: _, ...others }: OutsideSources = {}): OutsideSources {
  return others;
}

/** Keeps what was seen of a server and says when to look again. Throws `not-found`. */
export async function recordServerCheck(
  ctx: ServiceContext,
  { serverId, report }: { serverId: string; report: ServerCheckReport },
): Promise<{ unseen: string[] }> {
  const at = ctx.now();
  return withTransaction(ctx, async (tx) => {
    const { organisationId, tenantId } = await getServerForChange(tx, serverId);
    const host = await readHost(tx, serverId);
    await tx
      .insert(serverChecks)
      .values({ id: newId(at), organisationId, tenantId, serverId, checkedAt: at, report });
    const found = report.findings.map(seenFindingOf);
    const { unseen } = await recordFindings(
      tx,
      { organisationId, tenantId, serverId },
      { found, unseen: unseenIn(report.facts, host), at },
    );
    await forgetOldChecks(tx, serverId);
    const nextCheckAt = planNextCheck(
      { domainId: serverId, unsettledSince: await readUnsettledSince(tx, serverId), waitingSince: null },
      at,
    );
    await tx.update(servers).set({ nextCheckAt }).where(eq(servers.id, serverId));
    return { unseen };
  });
}

/** The last check of a server, or null when there was none. Throws `not-found`. */
export async function getServerCheck(
  ctx: ServiceContext,
  input: z.input<typeof serverInput>,
): Promise<{ checkedAt: Date; report: ServerCheckReport } | null> {
  const { serverId } = parseInput(serverInput, input);
  return withTransaction(ctx, async (tx) => {
    const [row] = await tx
      .select({ checkedAt: serverChecks.checkedAt, report: serverChecks.report })
      .from(serverChecks)
      .where(eq(serverChecks.serverId, serverId))
      .orderBy(desc(serverChecks.checkedAt), desc(serverChecks.id))
      .limit(1);
    return row === undefined ? null : { checkedAt: row.checkedAt, report: row.report as ServerCheckReport };
  });
}

/** What the last check of each of these servers found; a server that was never looked at is left out. */
export async function findingsOfServers(
  tx: Transaction,
  serverIds: readonly string[],
): Promise<Map<string, CheckFinding[]>> {
  if (serverIds.length === 0) return new Map();
  const rows = await tx
    .selectDistinctOn([serverChecks.serverId], {
      serverId: serverChecks.serverId,
      report: serverChecks.report,
    })
    .from(serverChecks)
    .where(inArray(serverChecks.serverId, [...serverIds]))
    .orderBy(serverChecks.serverId, desc(serverChecks.checkedAt), desc(serverChecks.id));
  return new Map(rows.map(({ serverId, report }) => [serverId, (report as ServerCheckReport).findings]));
}

/** After a change of what is asked of the host or told by it, what is wrong is looked at as often as when it began. */
async function readUnsettledSince(tx: Transaction, serverId: string): Promise<Date | null> {
  const [newest] = await tx
    .select({ openedAt: max(checkFindings.openedAt) })
    .from(checkFindings)
    .where(
      and(
        eq(checkFindings.serverId, serverId),
        isNull(checkFindings.closedAt),
        ne(checkFindings.severity, "instruction"),
        // No look from outside would settle these.
        notLike(checkFindings.key, `${conditionFindingPrefix}%`),
      ),
    );
  const [server] = await tx
    .select({
      installRequestedAt: servers.installRequestedAt,
      addressesChangedAt: servers.addressesChangedAt,
      upkeepChangedAt: servers.upkeepChangedAt,
      targetChangedAt: targetStates.createdAt,
      targetRevision: servers.targetRevision,
      appliedRevision: servers.appliedRevision,
    })
    .from(servers)
    .leftJoin(
      targetStates,
      and(eq(targetStates.serverId, servers.id), eq(targetStates.revision, servers.targetRevision)),
    )
    .where(eq(servers.id, serverId));
  if (server === undefined) return null;
  const { installRequestedAt, addressesChangedAt, upkeepChangedAt, targetChangedAt } = server;
  return unsettledSince({
    newestFindingAt: newest?.openedAt ?? null,
    changes: [installRequestedAt, addressesChangedAt, upkeepChangedAt, targetChangedAt],
    hasApplied: server.appliedRevision >= server.targetRevision,
  });
}

async function readHost(tx: Transaction, serverId: string): Promise<HostToInspect> {
  const [row] = await tx
    .select({
      hostname: servers.hostname,
      ipAddresses: sql<string[] | null>`${servers.facts} -> 'ipAddresses'`,
      ipFamilies: sql<
        StackSettings["ipFamilies"] | null
      >`${targetStates.document}::jsonb #>> '{stack,ipFamilies}'`,
      gatewayId: servers.gatewayId,
      upkeep: sql<HostInside["upkeep"]>`${servers.facts} -> 'upkeep'`,
      listeners: sql<HostInside["listeners"]>`${servers.facts} -> 'listeners'`,
      appliedRevision: servers.appliedRevision,
      servesWeb: sql<boolean>`coalesce((${targetStates.document}::jsonb #>> '{web,isEnabled}')::boolean, false)`,
      imprint: sql<string | null>`${targetStates.document}::jsonb #>> '{web,imprint}'`,
    })
    .from(servers)
    .leftJoin(
      targetStates,
      and(eq(targetStates.serverId, servers.id), eq(targetStates.revision, servers.targetRevision)),
    )
    .where(eq(servers.id, serverId));
  if (row === undefined) throw new ServiceError("not-found", "There is no such server.");
  // One that only sends, or that is on its way out, takes no mail for a domain.
  const hosted = await tx
    .select({ name: domains.name, role: domainServers.role })
    .from(domainServers)
    .innerJoin(domains, eq(domains.id, domainServers.domainId))
    .where(and(eq(domainServers.serverId, serverId), isNull(domainServers.leavesSince)))
    .orderBy(domains.name);
  const zoneRows = await tx
    .select({ name: zones.name })
    .from(zones)
    .where(
      inArray(
        zones.name,
        hosted.map(({ name }) => name),
      ),
    );
  const ipFamilies = row.ipFamilies ?? "dual";
  const isInstalled = row.appliedRevision > 0;
  return {
    hostname: row.hostname,
    ipFamilies,
    addresses: (row.ipAddresses ?? []).filter(isPublicAddress).filter(isOfFamilies(ipFamilies)),
    hasMail: isInstalled,
    domains: hosted.filter(({ role }) => receivesMail(role)).map(({ name }) => name),
    ownZones: zoneRows.map(({ name }) => name),
    web: row.servesWeb && isInstalled ? { imprint: row.imprint } : null,
    inside: row.gatewayId === null ? null : { upkeep: row.upkeep, listeners: row.listeners },
  };
}

async function forgetOldChecks(tx: Transaction, serverId: string): Promise<void> {
  const kept = tx
    .select({ id: serverChecks.id })
    .from(serverChecks)
    .where(eq(serverChecks.serverId, serverId))
    .orderBy(desc(serverChecks.checkedAt), desc(serverChecks.id))
    .limit(keptChecksMax);
  await tx
    .delete(serverChecks)
    .where(and(eq(serverChecks.serverId, serverId), notInArray(serverChecks.id, kept)));
}
