import {
  type Delegation,
  type DelegationStep,
  judgeDelegation,
  keysToDelegate,
  planDelegation,
} from "@mailstead/core/zones";
import { domains } from "@mailstead/db";
import { eq } from "drizzle-orm";
import { z } from "zod";
import { parseInput, type ServiceContext, withTransaction } from "../context/index.ts";
import type { ZoneCheckReport } from "./check-zone.ts";
import { readKeyRoll } from "./key-roll.ts";
import { findZone, readZoneRecords, readZoneServers } from "./zone-rows.ts";

const getZoneInput = z.object({ zoneId: z.uuid() });

export type ZoneDetail = Awaited<ReturnType<typeof getZone>>;

/** A hosted zone with its records, what to set above it, and what the world showed of it last. Throws `not-found`. */
export async function getZone(ctx: ServiceContext, input: z.input<typeof getZoneInput>) {
  const { zoneId } = parseInput(getZoneInput, input);
  return withTransaction(ctx, async (tx) => {
    const zone = await findZone(tx, zoneId);
    const servers = await readZoneServers(tx, zoneId);
    const rows = await readZoneRecords(tx, zoneId);
    const names = new Map(
      (
        await tx
          .select({ id: domains.id, name: domains.name })
          .from(domains)
          .where(eq(domains.tenantId, zone.tenantId))
      ).map((domain) => [domain.id, domain.name]),
    );
    const delegation: Delegation = planDelegation({
      zone: zone.name,
      nameServers: servers.map(({ nameServer, addresses }) => ({ name: nameServer, addresses })),
      signers: zone.signers ?? [],
    });
    const report = zone.checkReport as ZoneCheckReport | null;
    const steps: DelegationStep[] =
      report?.kind === "checked" ? judgeDelegation(zone.name, delegation, report.seen) : [];
    return {
      id: zone.id,
      tenantId: zone.tenantId,
      name: zone.name,
      createdAt: zone.createdAt,
      servers,
      delegation,
      /** Data of the DNSKEY records, for registrars that ask for the key and not for its digest. */
      publicKeys: keysToDelegate(zone.publicKeys ?? [], zone.keyRoll),
      checkedAt: zone.checkedAt,
      resolverProblem: report?.kind === "resolver-silent" ? report.sentence : null,
      steps,
      keyRoll: await readKeyRoll(tx, {
        zone,
        primary: servers[0]?.serverName ?? "the primary",
        now: ctx.now(),
      }),
      records: rows.map(({ id, name, type, ttlSeconds, value, domainId, purpose, leavesAt }) => ({
        id,
        name,
        type,
        ttlSeconds,
        value,
        /** The domain that needs it; null for what people wrote themselves. */
        neededBy: domainId === null ? null : (names.get(domainId) ?? null),
        isOwn: purpose === null,
        purpose,
        /** A removed domain's key stays until then, for mail that is on its way. */
        leavesAt,
      })),
    };
  });
}
