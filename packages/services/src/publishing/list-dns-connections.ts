import type { ProviderKind } from "@mailstead/core/publishing";
import { type DnsConnectionState, dnsConnections } from "@mailstead/db";
import { asc } from "drizzle-orm";
import { type ServiceContext, withTransaction } from "../context/index.ts";

export interface DnsConnectionRow {
  id: string;
  label: string;
  provider: ProviderKind;
  /** Null: for the domains of every customer. */
  tenantId: string | null;
  state: DnsConnectionState;
  /** Why it does not work, as a sentence. */
  problem: string | null;
  zones: string[];
  testedAt: Date | null;
  /** Since when it is only kept to take its records away; null for one that is used. */
  leavingSince: Date | null;
}

/** The DNS connections that the context sees, without their credentials. */
export async function listDnsConnections(
  ctx: ServiceContext,
  _input: Record<string, never> = {},
): Promise<DnsConnectionRow[]> {
  const rows = await withTransaction(ctx, (tx) =>
    tx
      .select({
        id: dnsConnections.id,
        label: dnsConnections.label,
        provider: dnsConnections.provider,
        tenantId: dnsConnections.tenantId,
        state: dnsConnections.state,
        problem: dnsConnections.problem,
        zones: dnsConnections.zones,
        testedAt: dnsConnections.testedAt,
        leavingSince: dnsConnections.leavingSince,
      })
      .from(dnsConnections)
      .orderBy(asc(dnsConnections.label)),
  );
  return rows.map((row) => ({
    ...row,
    provider: row.provider as ProviderKind,
    zones: row.zones.map(({ name }) => name).sort(),
  }));
}
