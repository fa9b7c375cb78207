import { domainNameSchema } from "@mailstead/core/domains";
import { destroyedKeysMax, type TargetState } from "@mailstead/core/servers";
import { dkimKeys, domains, leftDkimKeys, servers, type Transaction } from "@mailstead/db";
import { and, asc, eq, isNotNull, isNull, lte, notExists, notInArray, or } from "drizzle-orm";
import { recordAudit } from "../audit/index.ts";
import { isTimeSureNow } from "../clock/index.ts";
import {
  type Database,
  type Installation,
  type ServiceContext,
  type SystemContext,
  seeToEach,
  withSystemTransaction,
  withTransaction,
} from "../context/index.ts";
import { changeTargetState, getServerForChange } from "../servers/index.ts";

const serversPerRun = 100;

/** What came of looking after private keys that lie on hosts which their domains have left. */
export interface LeftKeysRun {
  told: { serverId: string; keys: string[] }[];
  failed: { serverId: string; cause: unknown }[];
}

/**
 * Tells hosts to destroy the private DKIM keys of domains that left them, each by its name, once no mail of theirs can be on
 * its way, no rotation may need them to go back, and the host's target state has no such key.
 */
export async function destroyLeftKeys(
  ctx: SystemContext,
  { app, installation }: { app: Database; installation: Installation },
): Promise<LeftKeysRun> {
  const rows = await withSystemTransaction(ctx, async (tx) =>
    (await isTimeSureNow(tx, ctx)) ? findServers(tx, ctx.now()) : [],
  );
  const told: LeftKeysRun["told"] = [];
  const failed = await seeToEach(ctx, { rows, app, installation }, async (own, { serverId }) => {
    const keys = await withTransaction(own, (tx) => tellServer(tx, own, serverId));
    if (keys.length > 0) told.push({ serverId, keys });
    return undefined;
  });
  return { told, failed: failed.map(({ row: { serverId }, cause }) => ({ serverId, cause })) };
}

const isDone = and(
  isNotNull(leftDkimKeys.toldRevision),
  lte(leftDkimKeys.toldRevision, servers.appliedRevision),
);

function findServers(tx: Transaction, now: Date): Promise<{ serverId: string; organisationId: string }[]> {
  return tx
    .selectDistinct({ serverId: leftDkimKeys.serverId, organisationId: leftDkimKeys.organisationId })
    .from(leftDkimKeys)
    .innerJoin(servers, eq(servers.id, leftDkimKeys.serverId))
    .where(or(and(isNull(leftDkimKeys.toldRevision), lte(leftDkimKeys.destroyFrom, now)), isDone))
    .orderBy(asc(leftDkimKeys.serverId))
    .limit(serversPerRun);
}

async function tellServer(tx: Transaction, ctx: ServiceContext, serverId: string): Promise<string[]> {
  const server = await getServerForChange(tx, serverId);
  await forgetDone(tx, serverId);
  const due = await readDue(tx, ctx, serverId);
  if (due.length === 0) return [];
  const named: typeof due = [];
  const { revision } = await changeTargetState(tx, ctx, {
    server,
    summary: `Private DKIM keys of ${domainsIn(due)} destroyed, which left the server`,
    change: (state) => {
      named.push(...due.filter((key) => !isWanted(state, key)));
      return withDestroyed(state, named);
    },
  });
  const isNew = named.filter(({ toldRevision }) => toldRevision === null);
  if (isNew.length === 0) return [];
  await tx
    .update(leftDkimKeys)
    .set({ toldRevision: revision })
    .where(
      and(
        eq(leftDkimKeys.serverId, serverId),
        or(
          ...named.map(({ domain, selector }) =>
            and(eq(leftDkimKeys.domainName, domain), eq(leftDkimKeys.selector, selector)),
          ),
        ),
      ),
    );
  const keys = isNew.map(({ domain, selector }) => `${selector}._domainkey.${domain}`);
  await recordAudit(tx, ctx, {
    organisationId: server.organisationId,
    tenantId: server.tenantId,
    action: "destroy-left-dkim-keys",
    subject: { kind: "server", id: server.id, name: server.name },
    after: { keys },
  });
  return keys;
}

/** The host has applied a revision that named them. */
async function forgetDone(tx: Transaction, serverId: string): Promise<void> {
  const [server] = await tx
    .select({ appliedRevision: servers.appliedRevision })
    .from(servers)
    .where(eq(servers.id, serverId));
  await tx
    .delete(leftDkimKeys)
    .where(
      and(
        eq(leftDkimKeys.serverId, serverId),
        isNotNull(leftDkimKeys.toldRevision),
        lte(leftDkimKeys.toldRevision, server?.appliedRevision ?? 0),
      ),
    );
}

/** Keys whose time has come, and those that the host was told of and is not known to have destroyed. */
async function readDue(tx: Transaction, ctx: { now(): Date }, serverId: string) {
  // A rotation that went on without the server may still go back to a key that it has not revoked.
  const mayBeNeeded = tx
    .select({ id: dkimKeys.id })
    .from(dkimKeys)
    .innerJoin(domains, eq(domains.id, dkimKeys.domainId))
    .where(
      and(
        eq(domains.name, leftDkimKeys.domainName),
        eq(dkimKeys.serverId, leftDkimKeys.serverId),
        eq(dkimKeys.selector, leftDkimKeys.selector),
        notInArray(dkimKeys.state, ["revoked", "destroyed"]),
      ),
    );
  const rows = await tx
    .select({
      domain: leftDkimKeys.domainName,
      selector: leftDkimKeys.selector,
      toldRevision: leftDkimKeys.toldRevision,
    })
    .from(leftDkimKeys)
    .where(
      and(
        eq(leftDkimKeys.serverId, serverId),
        lte(leftDkimKeys.destroyFrom, ctx.now()),
        notExists(mayBeNeeded),
      ),
    )
    .orderBy(asc(leftDkimKeys.destroyFrom), asc(leftDkimKeys.domainName), asc(leftDkimKeys.selector))
    .limit(destroyedKeysMax);
  return rows.some(({ toldRevision }) => toldRevision === null)
    ? rows.map(({ domain, ...key }) => ({ ...key, domain: domainNameSchema.parse(domain) }))
    : [];
}

type NamedKey = NonNullable<TargetState["destroyedKeys"]>[number];

/** Whether the host ought to have this key, whatever was noted before. */
function isWanted({ domains: hosted }: TargetState, { domain, selector }: NamedKey): boolean {
  return hosted.some(
    ({ name, dkimKeys: keys }) => name === domain && keys.some((key) => key.selector === selector),
  );
}

function withDestroyed(state: TargetState, named: readonly NamedKey[]): TargetState {
  return named.length === 0
    ? state
    : { ...state, destroyedKeys: named.map(({ domain, selector }) => ({ domain, selector })) };
}

function domainsIn(keys: readonly NamedKey[]): string {
  const [first = "", ...others] = [...new Set(keys.map(({ domain }) => domain))];
  return others.length === 0 ? first : `${first} and ${others.length} more`;
}
