import { checkSoon } from "@mailstead/core/domains";
import type { TargetDomain } from "@mailstead/core/servers";
import { dkimKeys, dkimRotations, domainServers, domains, servers, type Transaction } from "@mailstead/db";
import { and, asc, eq, ne } from "drizzle-orm";
import { z } from "zod";
import { recordAudit } from "../audit/index.ts";
import {
  parseInput,
  requireRole,
  type ServiceContext,
  ServiceError,
  withTransaction,
} from "../context/index.ts";
import { planDomainKeys } from "../dkim/index.ts";
import { getDomainForChange } from "../mailboxes/index.ts";
import { changeTargetState, getServerForChange, type ServerForChange } from "../servers/index.ts";
import { loadRotation } from "./load-rotation.ts";
import { saveRotation } from "./move-rotation.ts";
import type { DkimKeyRow } from "./rotation-records.ts";
import { tell } from "./rotation-story.ts";

const lostHostInput = z.object({ domainId: z.uuid(), serverId: z.uuid() });

/**
 * Takes a person's word that a domain's host is lost for good. Its keys end: no rotation waits for it any more, and their
 * delegated names are free at once, because its mail on its way is given up. New keys are planned for whatever machine
 * takes its place, unless the server is leaving the domain. Throws `precondition-failed` while the host is connected.
 */
export async function giveUpLostHost(
  ctx: ServiceContext,
  input: z.input<typeof lostHostInput>,
): Promise<void> {
  requireRole(ctx, "technician");
  const { domainId, serverId } = parseInput(lostHostInput, input);
  await withTransaction(ctx, async (tx) => {
    const domain = await getDomainForChange(tx, domainId);
    const host = await findHost(tx, { domainId, serverId });
    const rotationIds = await readOpenRotations(tx, domainId);
    for (const id of rotationIds) await loadRotation(tx, id);
    const server = await getServerForChange(tx, serverId);
    if (await isConnected(tx, serverId))
      throw new ServiceError(
        "precondition-failed",
        `${server.name} is connected, so it is not lost; take it off the domain, or replace the keys.`,
      );
    const keys = await endKeys(tx, ctx, { domainId, serverId });
    const planned =
      host.leavesSince === null ? await planDomainKeys(tx, { domain, serverId, now: ctx.now() }) : [];
    await tellHost(tx, ctx, { server, domainName: domain.name, ended: keys, planned });
    for (const id of rotationIds) await tellRotation(tx, ctx, { rotationId: id, server, keys });
    await tx.update(domains).set(checkSoon(ctx.now())).where(eq(domains.id, domainId));
    await recordAudit(tx, ctx, {
      organisationId: domain.organisationId,
      tenantId: domain.tenantId,
      action: "give-up-lost-host",
      subject: { kind: "domain", id: domainId, name: domain.name },
      before: { server: server.name, selectors: keys.map(({ selector }) => selector) },
      after: { selectors: planned.map(({ selector }) => selector) },
    });
  });
}

async function findHost(tx: Transaction, { domainId, serverId }: z.output<typeof lostHostInput>) {
  const [host] = await tx
    .select({ leavesSince: domainServers.leavesSince })
    .from(domainServers)
    .where(and(eq(domainServers.domainId, domainId), eq(domainServers.serverId, serverId)));
  if (host === undefined) throw new ServiceError("not-found", "There is no such server of this domain.");
  return host;
}

async function isConnected(tx: Transaction, serverId: string): Promise<boolean> {
  const [server] = await tx
    .select({ gatewayId: servers.gatewayId })
    .from(servers)
    .where(eq(servers.id, serverId));
  return server?.gatewayId != null;
}

async function readOpenRotations(tx: Transaction, domainId: string): Promise<string[]> {
  const rows = await tx
    .select({ id: dkimRotations.id })
    .from(dkimRotations)
    .where(and(eq(dkimRotations.domainId, domainId), ne(dkimRotations.step, "done")))
    .orderBy(asc(dkimRotations.id));
  return rows.map(({ id }) => id);
}

/**
 * A record under a key's own name stands for mail on its way until a rotation ends it, the one that is under way or the
 * next. One under a delegated name gives way to the next key. What is revoked stays its rotation's to take away.
 */
async function endKeys(
  tx: Transaction,
  ctx: ServiceContext,
  { domainId, serverId }: z.output<typeof lostHostInput>,
): Promise<DkimKeyRow[]> {
  const now = ctx.now();
  const living = await tx
    .select()
    .from(dkimKeys)
    .where(
      and(eq(dkimKeys.domainId, domainId), eq(dkimKeys.serverId, serverId), ne(dkimKeys.state, "destroyed")),
    )
    .orderBy(asc(dkimKeys.selector));
  for (const key of living) {
    const isDelegated = key.publishedAtName !== null;
    const ended = isDelegated ? { madeBy: null, replacedBy: null } : { madeBy: null };
    // A key under its own name that has signed nothing leaves nothing behind.
    const state = key.state === "waiting" && !isDelegated ? ("destroyed" as const) : ("retiring" as const);
    await tx
      .update(dkimKeys)
      .set({
        privateKeyGoneAt: now,
        isGivenUp: true,
        ...(key.state === "revoked" ? {} : { state, endedAt: now, ...ended }),
      })
      .where(eq(dkimKeys.id, key.id));
  }
  return living;
}

/** Should the machine ever come back, it must sign with none of them. */
async function tellHost(
  tx: Transaction,
  ctx: ServiceContext,
  {
    server,
    domainName,
    ended,
    planned,
  }: {
    server: ServerForChange;
    domainName: string;
    ended: readonly DkimKeyRow[];
    planned: TargetDomain["dkimKeys"];
  },
): Promise<void> {
  const gone = new Set(ended.map(({ selector }) => selector));
  await changeTargetState(tx, ctx, {
    server,
    summary: `${server.name} is lost; DKIM keys of ${domainName} made anew`,
    change: (state) => ({
      ...state,
      domains: state.domains.map((domain) => {
        if (domain.name !== domainName) return domain;
        const kept = domain.dkimKeys.filter(({ selector }) => !gone.has(selector));
        const destroyed = domain.dkimKeys.filter(({ selector }) => gone.has(selector));
        return {
          ...domain,
          dkimKeys: [...kept, ...planned],
          destroyedSelectors: [
            ...new Set([...(domain.destroyedSelectors ?? []), ...destroyed.map(({ selector }) => selector)]),
          ],
        };
      }),
    }),
  });
}

async function tellRotation(
  tx: Transaction,
  ctx: ServiceContext,
  { rotationId, server, keys }: { rotationId: string; server: ServerForChange; keys: readonly DkimKeyRow[] },
): Promise<void> {
  const own = keys.filter(({ madeBy, replacedBy }) => madeBy === rotationId || replacedBy === rotationId);
  if (own.length === 0) return;
  const loaded = await loadRotation(tx, rotationId);
  loaded.row.lookAgainAt = ctx.now();
  await tell(tx, ctx, {
    rotation: loaded.row,
    kind: "told",
    sentence: `${server.name} is lost for good, says ${ctx.actor.name}; the rotation goes on without it.`,
    evidence: { serverId: server.id, selectors: own.map(({ selector }) => selector) },
  });
  await saveRotation(tx, loaded);
}
