import {
  type CertificateKeyReport,
  type HostFacts,
  hostFactsSchema,
  observedReportSchema,
} from "@mailstead/core/servers";
import { certificateKeys, dkimKeys, domains, servers, type Transaction } from "@mailstead/db";
import { and, eq, isNull, ne } from "drizzle-orm";
import type { z } from "zod";
import { type SystemContext, withSystemTransaction } from "../context/index.ts";
import { recordZoneKeys } from "./record-zone-keys.ts";

/** Keeps what an agent told about its host; what was known before is replaced. Unknown servers are ignored. */
export async function recordFacts(
  ctx: SystemContext,
  { serverId, facts }: { serverId: string; facts: HostFacts },
): Promise<void> {
  const now = ctx.now();
  await withSystemTransaction(ctx, (tx) =>
    tx
      .update(servers)
      .set({ facts: hostFactsSchema.parse(facts), factsAt: now, lastSeenAt: now })
      .where(eq(servers.id, serverId)),
  );
}

/**
 * Keeps what the host holds now: drift, applied revision, and the public halves of its keys. A mail directory
 * that is behind is found in these rows by the worker, since only it may ask for jobs. Unknown servers are ignored.
 */
export async function recordObserved(
  ctx: SystemContext,
  { serverId, report }: { serverId: string; report: z.input<typeof observedReportSchema> },
): Promise<void> {
  const observed = observedReportSchema.parse(report);
  const now = ctx.now();
  await withSystemTransaction(ctx, async (tx) => {
    const [server] = await tx
      .update(servers)
      .set({
        observed,
        observedAt: now,
        lastSeenAt: now,
        hasDrift: observed.drift.length > 0,
        appliedRevision: observed.targetRevision,
        appliedDirectoryEpoch: observed.directory.epoch,
        appliedDirectoryRevision: observed.directory.revision,
      })
      .where(eq(servers.id, serverId))
      .returning({ id: servers.id });
    if (server === undefined) return;
    await recordCertificateKeys(tx, { serverId, keys: observed.certificateKeys, now });

    await recordZoneKeys(tx, { serverId, zoneKeys: observed.zoneKeys, now });

    const keys = await tx
      .select({
        id: dkimKeys.id,
        domain: domains.name,
        selector: dkimKeys.selector,
        publicKey: dkimKeys.publicKey,
      })
      .from(dkimKeys)
      .innerJoin(domains, eq(domains.id, dkimKeys.domainId))
      // What a lost host or a destroyed key said of itself stands in records that must go on saying it.
      .where(
        and(
          eq(dkimKeys.serverId, serverId),
          ne(dkimKeys.state, "destroyed"),
          isNull(dkimKeys.privateKeyGoneAt),
        ),
      );
    const known = new Map(keys.map((key) => [`${key.selector} ${key.domain}`, key]));
    for (const reported of observed.dkimPublicKeys) {
      const key = known.get(`${reported.selector} ${reported.domain}`);
      if (key === undefined || key.publicKey === reported.publicKey) continue;
      await tx
        .update(dkimKeys)
        .set({ publicKey: reported.publicKey, reportedAt: now })
        .where(eq(dkimKeys.id, key.id));
    }
  });
}

async function recordCertificateKeys(
  tx: Transaction,
  { serverId, keys, now }: { serverId: string; keys: readonly CertificateKeyReport[]; now: Date },
): Promise<void> {
  if (keys.length === 0) return;
  const known = await tx
    .select({
      id: certificateKeys.id,
      request: certificateKeys.request,
      spkiSha256: certificateKeys.spkiSha256,
    })
    .from(certificateKeys)
    .where(eq(certificateKeys.serverId, serverId));
  const byId = new Map(known.map((key) => [key.id, key]));
  for (const { keyId, request, spkiSha256 } of keys) {
    const key = byId.get(keyId);
    if (key === undefined || (key.request === request && key.spkiSha256 === spkiSha256)) continue;
    await tx
      .update(certificateKeys)
      .set({ request, spkiSha256, reportedAt: now })
      .where(eq(certificateKeys.id, key.id));
  }
}
