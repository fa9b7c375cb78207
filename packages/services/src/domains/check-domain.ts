import { dkimKeys, dnsChecks, newId, type Transaction } from "@mailstead/db";
import { and, desc, eq, inArray, notInArray } from "drizzle-orm";
import { z } from "zod";
import { recordAudit } from "../audit/index.ts";
import { parseInput, requireRole, type ServiceContext, withTransaction } from "../context/index.ts";
import { checkRecords, type NameServerAddress, resolverFromText } from "../dns/index.ts";
import { findDomain, getDomainForChange } from "../mailboxes/index.ts";
import { changeTargetState, getServerForChange } from "../servers/index.ts";
import { type DomainCheckReport, joinVerdicts, planDomainRecords } from "./domain-report.ts";

const checkDomainInput = z.object({ domainId: z.uuid() });

export interface DomainCheck {
  checkedAt: Date;
  report: DomainCheckReport;
  /** Selectors that began to sign because the whole world can see them now. */
  startedSigning: string[];
}

/** How many checks of a domain are kept, for its time line. */
const keptChecksMax = 200;

/**
 * Asks the authoritative servers for every record that a domain needs and keeps what they said. A key whose record
 * all of them show begins to sign. Never throws for what the network does.
 */
export async function checkDomain(
  ctx: ServiceContext,
  input: z.input<typeof checkDomainInput>,
  resolver: NameServerAddress = resolverFromText(ctx.installation.dnsResolver),
): Promise<DomainCheck> {
  const { domainId } = parseInput(checkDomainInput, input);
  requireRole(ctx, "technician");
  const planned = await withTransaction(ctx, async (tx) =>
    planDomainRecords(tx, await findDomain(tx, domainId)),
  );
  // The network is asked between transactions: a slow name server must hold no lock.
  const report = await checkRecords(planned.records, resolver);
  return recordDomainCheck(ctx, { domainId, report });
}

/** Keeps what the world answered, and lets the keys sign that all of it can see. Throws `not-found`. */
export async function recordDomainCheck(
  ctx: ServiceContext,
  { domainId, report }: { domainId: string; report: DomainCheckReport },
): Promise<DomainCheck> {
  const checkedAt = ctx.now();
  const startedSigning = await withTransaction(ctx, async (tx) => {
    const domain = await getDomainForChange(tx, domainId);
    const { organisationId, tenantId, name } = domain;
    await tx
      .insert(dnsChecks)
      .values({ id: newId(checkedAt), organisationId, tenantId, domainId, checkedAt, report });
    await forgetOldChecks(tx, domainId);
    // Planned anew, because keys may have changed while the network was asked.
    const { records, keys } = await planDomainRecords(tx, domain);
    const seen = new Set(
      joinVerdicts(records, report)
        .filter(({ purpose, verdict }) => purpose === "dkim" && verdict !== null && isSeenByAll(verdict))
        .map(({ name: recordName }) => recordName),
    );
    const ready = keys.filter((key) => key.isMade && !key.isSigning && seen.has(key.recordName));
    if (ready.length === 0) return [];
    await startSigning(tx, ctx, { domainName: name, keys: ready });
    const selectors = ready.map((key) => key.selector);
    await recordAudit(tx, ctx, {
      organisationId,
      tenantId,
      action: "start-signing",
      subject: { kind: "domain", id: domainId, name },
      after: { selectors },
    });
    return selectors;
  });
  return { checkedAt, report, startedSigning };
}

/** A server that could not be asked may still show the old state to receivers, so all must have answered. */
function isSeenByAll(verdict: { kind: string; answers: readonly { kind: string }[] }): boolean {
  return verdict.kind === "ok" && verdict.answers.every((answer) => answer.kind === "answered");
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
    .set({ isSigning: true })
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

async function forgetOldChecks(tx: Transaction, domainId: string): Promise<void> {
  const kept = tx
    .select({ id: dnsChecks.id })
    .from(dnsChecks)
    .where(eq(dnsChecks.domainId, domainId))
    .orderBy(desc(dnsChecks.checkedAt), desc(dnsChecks.id))
    .limit(keptChecksMax);
  await tx.delete(dnsChecks).where(and(eq(dnsChecks.domainId, domainId), notInArray(dnsChecks.id, kept)));
}
