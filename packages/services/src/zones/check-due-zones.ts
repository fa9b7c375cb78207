import { zones } from "@mailstead/db";
import { isNull, lte, or, sql } from "drizzle-orm";
import {
  checkEach,
  type Database,
  type Installation,
  type Look,
  type SystemContext,
  withSystemTransaction,
} from "../context/index.ts";
import { type Resolver, resolverFromText } from "../dns/index.ts";
import { checkZone } from "./check-zone.ts";

const zonesPerRun = 500;

export interface ZoneCheckRun {
  checked: string[];
  /** What the resolver did, when it answered nothing: then no more zones were tried. */
  resolverProblem: string | null;
  failed: { zoneId: string; cause: unknown }[];
}

/** Looks at the hosted zones whose turn it is: each once a day, and a few times soon while something is newly wrong. */
export async function checkDueZones(
  ctx: SystemContext,
  { app, installation, resolver }: { app: Database; installation: Installation; resolver?: Resolver },
): Promise<ZoneCheckRun> {
  const rows = await withSystemTransaction(ctx, (tx) =>
    tx
      .select({ zoneId: zones.id, organisationId: zones.organisationId })
      .from(zones)
      .where(or(isNull(zones.nextCheckAt), lte(zones.nextCheckAt, ctx.now())))
      .orderBy(sql`${zones.nextCheckAt} nulls first`)
      .limit(zonesPerRun),
  );
  const asked = resolver ?? resolverFromText(installation.dnsResolver);
  const { failed, ...run } = await checkEach(
    ctx,
    { rows, app, installation },
    async (own, { zoneId }): Promise<Look<string>> => {
      const report = await checkZone(own, { zoneId }, asked);
      return report.kind === "resolver-silent" ? report : { kind: "looked", checked: zoneId };
    },
  );
  return { ...run, failed: failed.map(({ row: { zoneId }, cause }) => ({ zoneId, cause })) };
}
