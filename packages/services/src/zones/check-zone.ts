import { planNextCheck } from "@mailstead/core/domains";
import {
  findZoneProblems,
  followAbove,
  planDelegation,
  type SeenDelegation,
  serialsDifferSince,
  unseenOfZone,
} from "@mailstead/core/zones";
import { checkFindings, type Transaction, zones } from "@mailstead/db";
import { and, eq, isNull, max } from "drizzle-orm";
import { z } from "zod";
import { recordFindings } from "../checks/index.ts";
import { parseInput, requireRole, type ServiceContext, withTransaction } from "../context/index.ts";
import { DnsQueryError, inspectDelegation, type Resolver, resolverFromText } from "../dns/index.ts";
import { findZone, getZoneForChange, readZoneServers } from "./zone-rows.ts";

const silentResolverPauseMs = 60_000;

const checkZoneInput = z.object({ zoneId: z.uuid() });

/** What is kept of a look at the world; a silent resolver says nothing of the zone. */
export type ZoneCheckReport =
  | { kind: "checked"; seen: SeenDelegation }
  | { kind: "resolver-silent"; sentence: string };

/** `unseen` are the keys of findings that stay open, since nobody could be asked about them. */
export type ZoneChecked = ZoneCheckReport & { unseen: string[] };

/** Asks the zone above and both name servers, and keeps what they said. Never throws for what the network does. */
export async function checkZone(
  ctx: ServiceContext,
  input: z.input<typeof checkZoneInput>,
  resolver: Resolver = resolverFromText(ctx.installation.dnsResolver),
): Promise<ZoneChecked> {
  const { zoneId } = parseInput(checkZoneInput, input);
  requireRole(ctx, "technician");
  const { name, servers } = await withTransaction(ctx, async (tx) => ({
    name: (await findZone(tx, zoneId)).name,
    servers: await readZoneServers(tx, zoneId),
  }));
  const nameServers = servers.map(({ nameServer, addresses }) => ({ name: nameServer, addresses }));
  // The network is asked between transactions: a slow name server must hold no lock.
  const report = await look(name, nameServers, resolver);
  return recordZoneCheck(ctx, { zoneId, report });
}

/**
 * Keeps what the world showed of a zone and what is found in it, and says when to look again. A resolver that answered
 * nothing opens and closes no finding. Throws `not-found`.
 */
export async function recordZoneCheck(
  ctx: ServiceContext,
  { zoneId, report }: { zoneId: string; report: ZoneCheckReport },
): Promise<ZoneChecked> {
  const now = ctx.now();
  return withTransaction(ctx, async (tx) => {
    const zone = await getZoneForChange(tx, zoneId);
    const { organisationId, tenantId, name } = zone;
    const known = report.kind === "checked" ? withSince(report, zone.checkReport, now) : report;
    let { keyRoll } = zone;
    let unseen: string[] = [];
    if (known.kind === "checked") {
      const servers = await readZoneServers(tx, zoneId);
      const nameServers = servers.map(({ nameServer, addresses }) => ({ name: nameServer, addresses }));
      const wanted = planDelegation({ zone: name, nameServers, signers: zone.signers ?? [] });
      const { seen } = known;
      keyRoll = followAbove(keyRoll, { above: seen.signers, signers: wanted.signers, now });
      const found = findZoneProblems(name, { wanted, seen, now });
      const isUnseen = unseenOfZone(name, { wanted, seen });
      ({ unseen } = await recordFindings(
        tx,
        { organisationId, tenantId, zoneId },
        { found, unseen: isUnseen, at: now },
      ));
    }
    const nextCheckAt =
      known.kind === "resolver-silent"
        ? new Date(now.getTime() + silentResolverPauseMs)
        : planNextCheck(
            {
              domainId: zoneId,
              unsettledSince: await readUnsettledSince(tx, zoneId, known),
              waitingSince: null,
            },
            now,
          );
    await tx
      .update(zones)
      .set({ checkedAt: now, checkReport: known, nextCheckAt, keyRoll })
      .where(eq(zones.id, zoneId));
    return { ...known, unseen };
  });
}

function withSince(
  { seen }: Extract<ZoneCheckReport, { kind: "checked" }>,
  stored: unknown,
  now: Date,
): ZoneCheckReport {
  const last = stored as ZoneCheckReport | null;
  const before = last?.kind === "checked" ? (last.seen.serialsDifferSince ?? null) : null;
  const since = serialsDifferSince(seen, { before, now });
  return { kind: "checked", seen: since === null ? seen : { ...seen, serialsDifferSince: since } };
}

/** Since when something is not as it ought to be, or is left to do: who has just done a step wants to see it. */
async function readUnsettledSince(
  tx: Transaction,
  zoneId: string,
  { seen }: Extract<ZoneCheckReport, { kind: "checked" }>,
): Promise<Date | null> {
  const [newest] = await tx
    .select({ openedAt: max(checkFindings.openedAt) })
    .from(checkFindings)
    .where(and(eq(checkFindings.zoneId, zoneId), isNull(checkFindings.closedAt)));
  const since = seen.serialsDifferSince;
  const times = [newest?.openedAt, since === undefined ? null : new Date(since)].filter(
    (time) => time != null,
  );
  return times.length === 0 ? null : new Date(Math.max(...times.map((time) => time.getTime())));
}

async function look(
  name: string,
  nameServers: Parameters<typeof inspectDelegation>[1],
  resolver: Resolver,
): Promise<ZoneCheckReport> {
  try {
    return { kind: "checked", seen: await inspectDelegation(name, nameServers, resolver) };
  } catch (cause) {
    if (!(cause instanceof DnsQueryError)) throw cause;
    return {
      kind: "resolver-silent",
      sentence: `The resolver that Mailstead asks does not answer (${cause.message}), so the zone could not be checked. Try again in a minute.`,
    };
  }
}
