import { isForward, type RotationAsk } from "@mailstead/core/dkim";
import { domainNameSchema } from "@mailstead/core/domains";
import { dkimKeys, type Transaction } from "@mailstead/db";
import { and, eq, inArray, ne } from "drizzle-orm";
import type { ServiceContext } from "../context/index.ts";
import { enqueueJob } from "../jobs/index.ts";
import { changeTargetState, enqueueConverge, getServerForChange } from "../servers/index.ts";
import type { LoadedRotation } from "./load-rotation.ts";
import { withServer } from "./rotation-progress.ts";
import type { DkimKeyRow } from "./rotation-records.ts";
import { tell } from "./rotation-story.ts";

/** Makes what a decision asks for of servers, in the caller's transaction. Publishing is asked for outside of it. */
export async function applyAsks(
  tx: Transaction,
  ctx: ServiceContext,
  { loaded, asks }: { loaded: LoadedRotation; asks: readonly RotationAsk[] },
): Promise<void> {
  // Rows of servers are locked in one order everywhere.
  const ordered = asks
    .filter((ask) => ask.kind !== "publish")
    .toSorted((left, right) => left.serverId.localeCompare(right.serverId));
  for (const ask of ordered) {
    switch (ask.kind) {
      case "switch":
        await switchServer(tx, ctx, { loaded, serverId: ask.serverId });
        break;
      case "destroy-keys":
        await destroyKeys(tx, ctx, { loaded, serverId: ask.serverId });
        break;
      case "test-signature":
        await askForTest(tx, ctx, { loaded, serverId: ask.serverId });
        break;
      case "converge":
        await convergeAgain(tx, ctx, { loaded, serverId: ask.serverId });
        break;
    }
  }
}

interface ServerOf {
  loaded: LoadedRotation;
  serverId: string;
}

function rolesOf({ loaded, serverId }: ServerOf): { incoming: DkimKeyRow[]; outgoing: DkimKeyRow[] } {
  const keys = loaded.keys.filter((key) => key.serverId === serverId && key.state !== "destroyed");
  return {
    incoming: keys.filter(({ madeBy }) => madeBy === loaded.row.id),
    outgoing: keys.filter(({ madeBy }) => madeBy !== loaded.row.id),
  };
}

async function switchServer(tx: Transaction, ctx: ServiceContext, of: ServerOf): Promise<void> {
  const { loaded, serverId } = of;
  const { incoming, outgoing } = rolesOf(of);
  const [taken, left] = isForward(loaded.row) ? [incoming, outgoing] : [outgoing, incoming];
  const server = await getServerForChange(tx, serverId);
  const selectors = taken.filter(({ state }) => state !== "revoked").map(({ selector }) => selector);
  // One revision for both: the host swaps the file that names its keys as a whole.
  const { revision } = await changeTargetState(tx, ctx, {
    server,
    summary: `${loaded.domainName} signs with ${selectors.join(" and ")}`,
    change: changeKeys(loaded.domainName, (keys) =>
      keys.map((key) =>
        [...taken, ...left].some(({ selector }) => selector === key.selector)
          ? { ...key, isSigning: selectors.includes(key.selector) }
          : key,
      ),
    ),
  });
  await changeStates(tx, taken, "waiting", "retiring", "signing");
  await changeStates(tx, left, "signing", "signing", "retiring");
  loaded.progress = withServer(loaded.progress, serverId, {
    switchRevision: revision,
    askedRevision: revision,
  });
  await tell(tx, ctx, {
    rotation: loaded.row,
    kind: "told",
    sentence: `${server.name} is told to sign with ${selectors.join(" and ")}.`,
    evidence: { serverId, revision, selectors, former: left.map(({ selector }) => selector) },
  });
}

async function changeStates(
  tx: Transaction,
  keys: readonly DkimKeyRow[],
  ...[from, orFrom, to]: ["waiting" | "signing", "retiring" | "signing", "signing" | "retiring"]
): Promise<void> {
  const changed = keys.filter(({ state }) => state === from || state === orFrom);
  if (changed.length === 0) return;
  for (const key of changed) key.state = to;
  const ids = changed.map(({ id }) => id);
  await tx.update(dkimKeys).set({ state: to }).where(inArray(dkimKeys.id, ids));
}

async function destroyKeys(tx: Transaction, ctx: ServiceContext, of: ServerOf): Promise<void> {
  const { loaded, serverId } = of;
  const { incoming, outgoing } = rolesOf(of);
  const selectors = (isForward(loaded.row) ? outgoing : incoming).map(({ selector }) => selector);
  const server = await getServerForChange(tx, serverId);
  // Another rotation may have asked for others, which the host has not been seen to destroy yet.
  const living = await readLiving(tx, loaded.row.domainId);
  const undone = (listed: readonly string[] = []) => listed.filter((selector) => living.has(selector));
  const { revision, after } = await changeTargetState(tx, ctx, {
    server,
    summary: `Ended DKIM keys of ${loaded.domainName} destroyed`,
    change: (state) => ({
      ...state,
      domains: state.domains.map((domain) =>
        domain.name === loaded.domainName
          ? {
              ...domain,
              dkimKeys: domain.dkimKeys.filter((key) => !selectors.includes(key.selector)),
              destroyedSelectors: [...new Set([...undone(domain.destroyedSelectors), ...selectors])],
            }
          : domain,
      ),
    }),
  });
  loaded.progress = withServer(loaded.progress, serverId, {
    destroyRevision: revision,
    askedRevision: revision,
  });
  await tell(tx, ctx, {
    rotation: loaded.row,
    kind: "told",
    // Nobody tells a server anything about a domain that it has left.
    sentence: after.domains.some(({ name }) => name === loaded.domainName)
      ? `${server.name} is told to destroy the private keys of ${selectors.join(" and ")}.`
      : `${server.name} has left the domain, and the private keys of ${selectors.join(" and ")} stay on its disk.`,
    evidence: { serverId, revision, selectors },
  });
}

async function readLiving(tx: Transaction, domainId: string): Promise<Set<string>> {
  const rows = await tx
    .select({ selector: dkimKeys.selector })
    .from(dkimKeys)
    .where(and(eq(dkimKeys.domainId, domainId), ne(dkimKeys.state, "destroyed")));
  return new Set(rows.map(({ selector }) => selector));
}

async function askForTest(tx: Transaction, ctx: ServiceContext, of: ServerOf): Promise<void> {
  const { loaded, serverId } = of;
  const selectors = rolesOf(of).incoming.map(({ selector }) => selector);
  const { jobId } = await enqueueJob(tx, ctx, {
    serverId,
    verb: "test-signature",
    args: { domain: domainNameSchema.parse(loaded.domainName), selectors },
  });
  const test = { jobId, askedAt: ctx.now(), state: "open" as const, problem: null };
  loaded.progress = withServer(loaded.progress, serverId, { test });
}

async function convergeAgain(tx: Transaction, ctx: ServiceContext, of: ServerOf): Promise<void> {
  const { loaded, serverId } = of;
  const server = await getServerForChange(tx, serverId);
  if (server.installRequestedAt === null) return;
  // The file that names the keys must say what we wrote, whatever the drift policy lets stand.
  const revertsDrift = loaded.servers.find(({ id }) => id === serverId)?.isKeyMapEdited ?? false;
  const jobId = await enqueueConverge(tx, ctx, { server, revertsDrift });
  await tell(tx, ctx, {
    rotation: loaded.row,
    kind: "told",
    sentence: `${server.name} has not done what it was told, and is told again.`,
    evidence: { serverId, jobId, targetRevision: server.targetRevision, revertsDrift },
  });
}

type TargetKeys = Parameters<
  Parameters<typeof changeTargetState>[2]["change"]
>[0]["domains"][number]["dkimKeys"];

/** A change of a target state that touches the keys of one domain only. */
export function changeKeys(
  domainName: string,
  change: (keys: TargetKeys) => TargetKeys,
): Parameters<typeof changeTargetState>[2]["change"] {
  return (state) => ({
    ...state,
    domains: state.domains.map((domain) =>
      domain.name === domainName ? { ...domain, dkimKeys: change(domain.dkimKeys) } : domain,
    ),
  });
}
