import type { TargetDomain } from "@mailstead/core/servers";
import { domains, type Transaction } from "@mailstead/db";
import { eq } from "drizzle-orm";
import { z } from "zod";
import { recordAudit } from "../audit/index.ts";
import { parseInput, requireRole, type ServiceContext, withTransaction } from "../context/index.ts";
import { handNamesOver, placeFirstKeys } from "../dkim/index.ts";
import { getDomainForChange } from "../mailboxes/index.ts";
import { changeTargetState, getServerForChange } from "../servers/index.ts";

type TargetKey = TargetDomain["dkimKeys"][number];

const domainInput = z.object({ domainId: z.uuid() });

/**
 * Has a domain hand its DKIM names over: its plan wants the aliases from now on. First keys that do not sign yet move behind
 * them at once, and all others are replaced there by the next rotation. Throws `precondition-failed` while the organisation
 * has no zone for it, and while keys stand behind aliases that lead elsewhere.
 */
export async function delegateDomainKeys(
  ctx: ServiceContext,
  input: z.input<typeof domainInput>,
): Promise<void> {
  requireRole(ctx, "technician");
  const { domainId } = parseInput(domainInput, input);
  await withTransaction(ctx, async (tx) => {
    const domain = await getDomainForChange(tx, domainId);
    if (domain.dkimDelegatedTo !== null) return;
    const base = await handNamesOver(tx, ctx, domain);
    const selectors = await moveFirstKeys(tx, ctx, domain);
    await recordAudit(tx, ctx, {
      organisationId: domain.organisationId,
      tenantId: domain.tenantId,
      action: "delegate-dkim-names",
      subject: { kind: "domain", id: domainId, name: domain.name },
      after: { delegatedTo: base, selectors },
    });
  });
}

/**
 * Has the next keys of a domain stand in its own zone again, and with them first keys that do not sign yet; the aliases
 * stay until the last key behind them is gone.
 */
export async function keepDomainKeys(ctx: ServiceContext, input: z.input<typeof domainInput>): Promise<void> {
  requireRole(ctx, "technician");
  const { domainId } = parseInput(domainInput, input);
  await withTransaction(ctx, async (tx) => {
    const domain = await getDomainForChange(tx, domainId);
    if (domain.dkimDelegatedTo === null) return;
    await tx.update(domains).set({ dkimDelegatedTo: null }).where(eq(domains.id, domainId));
    const selectors = await moveFirstKeys(tx, ctx, domain);
    await recordAudit(tx, ctx, {
      organisationId: domain.organisationId,
      tenantId: domain.tenantId,
      action: "keep-dkim-names",
      subject: { kind: "domain", id: domainId, name: domain.name },
      before: { delegatedTo: domain.dkimDelegatedTo },
      after: { selectors },
    });
  });
}

/** A host must know as what its keys will sign. Gives the selectors of the keys that moved. */
async function moveFirstKeys(
  tx: Transaction,
  ctx: ServiceContext,
  domain: { id: string; name: string },
): Promise<string[]> {
  const moved = await placeFirstKeys(tx, { domain, now: ctx.now() });
  for (const [serverId, keys] of Map.groupBy(moved, (key) => key.serverId)) {
    const signsAs = new Map(keys.map((key) => [key.selector, key.signsAs]));
    await changeTargetState(tx, ctx, {
      server: await getServerForChange(tx, serverId),
      summary: `First DKIM keys of ${domain.name} moved`,
      change: (state) => ({
        ...state,
        domains: state.domains.map((known) =>
          known.name === domain.name
            ? { ...known, dkimKeys: known.dkimKeys.map((key) => withName(key, signsAs)) }
            : known,
        ),
      }),
    });
  }
  return moved.map(({ selector }) => selector);
}

function withName(key: TargetKey, names: ReadonlyMap<string, string | null>): TargetKey {
  const signsAs = names.get(key.selector);
  if (signsAs === undefined) return key;
  const { signsAs: _former, ...rest } = key;
  return signsAs === null ? rest : { ...rest, signsAs };
}
