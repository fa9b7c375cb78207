import type { DkimKeyState } from "@mailstead/core/dkim";
import type { TargetDomain } from "@mailstead/core/servers";
import { dkimKeys, domains, type Transaction } from "@mailstead/db";
import { and, eq, inArray, isNotNull, sql } from "drizzle-orm";
import { recordAudit } from "../audit/index.ts";
import type { ServiceContext } from "../context/index.ts";
import { planDomainKeys, replaceKeysAction } from "../dkim/index.ts";
import type { ServerForChange } from "./server-for-change.ts";
import { changeTargetState } from "./target-state-store.ts";

/**
 * Plans new keys for those that went down with a host: their private halves are gone since another machine
 * was enrolled. The new ones have selectors of their own and sign once the world shows them.
 */
export async function replaceLostKeys(
  tx: Transaction,
  ctx: ServiceContext,
  server: ServerForChange,
): Promise<void> {
  const lost = await tx
    .select({
      id: dkimKeys.id,
      selector: dkimKeys.selector,
      state: dkimKeys.state,
      isDelegated: sql<boolean>`${dkimKeys.publishedAtName} is not null`,
      domainId: domains.id,
      name: domains.name,
    })
    .from(dkimKeys)
    .innerJoin(domains, eq(domains.id, dkimKeys.domainId))
    .where(
      and(
        eq(dkimKeys.serverId, server.id),
        inArray(dkimKeys.state, ["waiting", "signing"]),
        isNotNull(dkimKeys.privateKeyGoneAt),
      ),
    );
  const goneSelectors = await ended(tx, server);
  if (lost.length === 0 && goneSelectors.length === 0) return;
  const { organisationId, tenantId } = server;
  const planned = new Map<string, TargetDomain["dkimKeys"]>();
  for (const { domainId, name } of lost) {
    if (planned.has(name)) continue;
    const domain = { id: domainId, organisationId, tenantId, name };
    planned.set(name, await planDomainKeys(tx, { domain, serverId: server.id, now: ctx.now() }));
    await recordAudit(tx, ctx, {
      organisationId,
      tenantId,
      action: replaceKeysAction,
      subject: { kind: "domain", id: domainId, name },
      before: { selectors: lost.filter((key) => key.name === name).map((key) => key.selector) },
      after: { selectors: planned.get(name)?.map((key) => key.selector) },
    });
  }
  await forgetLost(tx, lost, ctx.now());
  await changeTargetState(tx, ctx, {
    server,
    summary: "DKIM keys made anew for the new host",
    change: (state) => ({
      ...state,
      domains: state.domains.map((domain) => {
        const gone = lost.filter((key) => key.name === domain.name).map((key) => key.selector);
        const ending = goneSelectors.filter((key) => key.name === domain.name).map((key) => key.selector);
        const kept = domain.dkimKeys.filter(({ selector }) => ![...gone, ...ending].includes(selector));
        return { ...domain, dkimKeys: [...kept, ...(planned.get(domain.name) ?? [])] };
      }),
    }),
  });
}

/**
 * Mail of a lost key may be on its way, so its record goes on standing: under its own name until a rotation ends it, the one
 * that is under way or the next, and under a delegated name, which is not free yet, until another key takes that.
 */
async function forgetLost(
  tx: Transaction,
  lost: readonly { id: string; state: DkimKeyState; isDelegated: boolean }[],
  now: Date,
): Promise<void> {
  const own = lost.filter(({ isDelegated }) => !isDelegated);
  const ended = { state: "retiring" as const, endedAt: now, madeBy: null };
  // One that has signed nothing leaves nothing behind, and its name is never used again.
  const unused = own.filter(({ state }) => state === "waiting");
  await tx.delete(dkimKeys).where(inArray(dkimKeys.id, idsOf(unused)));
  const used = own.filter(({ state }) => state !== "waiting");
  await tx
    .update(dkimKeys)
    .set({ ...ended, isGivenUp: true })
    .where(inArray(dkimKeys.id, idsOf(used)));
  const delegated = lost.filter(({ isDelegated }) => isDelegated);
  await tx
    .update(dkimKeys)
    .set({ ...ended, replacedBy: null })
    .where(inArray(dkimKeys.id, idsOf(delegated)));
}

const idsOf = (keys: readonly { id: string }[]) => keys.map(({ id }) => id);

/** Former keys that went down with the host while their records still stand: a new host must make none in their name. */
function ended(tx: Transaction, server: ServerForChange): Promise<{ selector: string; name: string }[]> {
  return tx
    .select({ selector: dkimKeys.selector, name: domains.name })
    .from(dkimKeys)
    .innerJoin(domains, eq(domains.id, dkimKeys.domainId))
    .where(and(eq(dkimKeys.serverId, server.id), isNotNull(dkimKeys.privateKeyGoneAt)));
}
