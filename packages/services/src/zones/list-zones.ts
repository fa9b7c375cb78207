import { judgeDelegation, planDelegation } from "@mailstead/core/zones";
import { tenants, zoneRecords, zones } from "@mailstead/db";
import { asc, eq, sql } from "drizzle-orm";
import { z } from "zod";
import { parseInput, type ServiceContext, withTransaction } from "../context/index.ts";
import type { ZoneCheckReport } from "./check-zone.ts";
import { readZoneServers } from "./zone-rows.ts";

const listZonesInput = z.object({ tenantId: z.uuid().optional() });

/** What has still to happen until the world finds a zone and believes it; unchecked before anybody has looked. */
export type ZoneStanding = "right" | "wrong" | "waiting" | "unchecked";

export interface ZoneListRow {
  id: string;
  name: string;
  tenantId: string;
  tenantName: string;
  primary: string;
  secondary: string;
  recordCount: number;
  standing: ZoneStanding;
  checkedAt: Date | null;
}

const zonesMax = 1000;

/** The hosted zones that the context sees, by name. */
export async function listZones(
  ctx: ServiceContext,
  input: z.input<typeof listZonesInput> = {},
): Promise<ZoneListRow[]> {
  const { tenantId } = parseInput(listZonesInput, input);
  return withTransaction(ctx, async (tx) => {
    const rows = await tx
      .select({
        id: zones.id,
        name: zones.name,
        tenantId: zones.tenantId,
        tenantName: tenants.name,
        signers: zones.signers,
        checkedAt: zones.checkedAt,
        checkReport: zones.checkReport,
        recordCount: sql<number>`(select count(*)::integer from ${zoneRecords} where ${zoneRecords.zoneId} = ${zones.id})`,
      })
      .from(zones)
      .innerJoin(tenants, eq(tenants.id, zones.tenantId))
      .where(tenantId === undefined ? undefined : eq(zones.tenantId, tenantId))
      .orderBy(asc(zones.name))
      .limit(zonesMax);
    const listed: ZoneListRow[] = [];
    for (const { signers, checkReport, ...row } of rows) {
      const servers = await readZoneServers(tx, row.id);
      const nameServers = servers.map(({ nameServer, addresses }) => ({ name: nameServer, addresses }));
      const delegation = planDelegation({ zone: row.name, nameServers, signers: signers ?? [] });
      listed.push({
        ...row,
        primary: servers.find(({ role }) => role === "primary")?.serverName ?? "",
        secondary: servers.find(({ role }) => role === "secondary")?.serverName ?? "",
        standing: standingOf(row.name, delegation, checkReport as ZoneCheckReport | null),
      });
    }
    return listed;
  });
}

function standingOf(
  zone: string,
  delegation: ReturnType<typeof planDelegation>,
  report: ZoneCheckReport | null,
): ZoneStanding {
  if (report?.kind !== "checked") return "unchecked";
  const states = judgeDelegation(zone, delegation, report.seen).map(({ state }) => state);
  if (states.includes("wrong")) return "wrong";
  return states.every((state) => state === "done") ? "right" : "waiting";
}
