import { createHash } from "node:crypto";
import { feedbackSenderId } from "@mailstead/core/feeds";
import {
  defaultWebSettings,
  type SealedSecret,
  type Smarthost,
  type TargetState,
  targetStateSchema,
} from "@mailstead/core/servers";
import { servers, type Transaction, targetStates } from "@mailstead/db";
import { and, eq } from "drizzle-orm";
import { type Actor, parseInput, type ServiceContext } from "../context/index.ts";
import { enqueueJob } from "../jobs/index.ts";
import { refuseOversized } from "./refuse-oversized.ts";
import { refuseUnrenderable } from "./refuse-unrenderable.ts";
import { receiverPurpose, resealStalePasswords } from "./relay-passwords.ts";
import type { ServerForChange } from "./server-for-change.ts";
import { resealStaleZoneSecrets, withZoneSecrets } from "./zone-secrets.ts";

/**
 * The current target state of a server with the digest of its exact text. `isWebChosen` is false for a document from
 * before hosts served anything, which nobody has decided about yet.
 */
export async function readTargetState(
  tx: Transaction,
  server: { id: string; targetRevision: number },
): Promise<{ state: TargetState; digest: string; isWebChosen: boolean }> {
  const [row] = await tx
    .select({ document: targetStates.document, digest: targetStates.digest })
    .from(targetStates)
    .where(and(eq(targetStates.serverId, server.id), eq(targetStates.revision, server.targetRevision)));
  if (row === undefined) throw new Error(`server ${server.id} has no revision ${server.targetRevision}`);
  const document = JSON.parse(row.document) as Record<string, unknown>;
  return { state: targetStateSchema.parse(document), digest: row.digest, isWebChosen: "web" in document };
}

export interface TargetChange {
  /** What changed, as a person reads it in the history. */
  summary: string;
  change: (state: TargetState) => TargetState;
  /** A person changes the settings, and so also gets what a new server has and this one could not have yet. */
  choosesWeb?: boolean;
}

export interface TargetChanged {
  revision: number;
  isChanged: boolean;
  before: TargetState;
  after: TargetState;
  /** The converge that carries it to the host; null before the server is installed. */
  jobId: string | null;
}

/**
 * Writes a new revision of a locked server's target state and asks for a converge once the server is installed.
 * Saying what already holds makes no revision. Relay passwords and transfer secrets that were sealed for an agent which is no more are
 * sealed for its successor. Throws `invalid` when the result is no target state, and `limit-reached` when no host could
 * be told it.
 */
export async function changeTargetState(
  tx: Transaction,
  ctx: ServiceContext,
  { server, summary, change, choosesWeb = false }: TargetChange & { server: ServerForChange },
): Promise<TargetChanged> {
  const { state: before, isWebChosen } = await readTargetState(tx, server);
  const getsWeb = choosesWeb && !isWebChosen;
  const sealed = await resealStalePasswords(tx, ctx, server);
  const zoneSecrets = await resealStaleZoneSecrets(tx, ctx, server);
  const changed = change(getsWeb ? { ...before, web: defaultWebSettings } : before);
  const asked = withZoneSecrets(withPasswords(changed, sealed), zoneSecrets, ctx.now());
  refuseOversized(server, asked);
  const wanted = parseInput(targetStateSchema, asked);
  if (!getsWeb && JSON.stringify(wanted) === JSON.stringify(before))
    return { revision: before.revision, isChanged: false, before, after: before, jobId: null };
  refuseUnrenderable(wanted);
  // Whatever is changed brings along what a server of today has and this one could not have yet.
  const after = {
    ...wanted,
    feedbackSenderId: feedbackSenderId(server.tenantId),
    revision: before.revision + 1,
  };
  // What nobody has decided stays undecided, whatever else changes.
  const isStillOpen = !isWebChosen && !getsWeb && JSON.stringify(wanted.web) === JSON.stringify(before.web);
  const { web: _, ...withoutWeb } = after;
  await saveTargetState(tx, ctx, { server, state: isStillOpen ? withoutWeb : after, summary });
  const jobId = server.installRequestedAt === null ? null : await enqueueConverge(tx, ctx, { server });
  return { revision: after.revision, isChanged: true, before, after, jobId };
}

function withPasswords(state: TargetState, sealed: ReadonlyMap<string, SealedSecret>): TargetState {
  if (sealed.size === 0) return state;
  const withPassword = <R extends { smarthost: Smarthost | null }>(relay: R, purpose: string): R => {
    const password = sealed.get(purpose);
    if (password === undefined || relay.smarthost?.username === undefined) return relay;
    return { ...relay, smarthost: { ...relay.smarthost, password } };
  };
  return {
    ...state,
    relays: state.relays.map((relay) => withPassword(relay, relay.sendersOf)),
    destinationRelays: state.destinationRelays.map((relay) => withPassword(relay, receiverPurpose(relay.to))),
  };
}

/** Stores a revision as the exact text that is digested, and makes it the server's current one. */
export async function saveTargetState(
  tx: Transaction,
  ctx: { actor: Actor; now(): Date },
  saved: {
    server: { id: string; organisationId: string; tenantId: string; targetRevision: number };
    state: Omit<TargetState, "web"> & Partial<Pick<TargetState, "web">>;
    summary: string;
  },
): Promise<void> {
  const { server, state, summary } = saved;
  const document = JSON.stringify(state);
  await tx.insert(targetStates).values({
    serverId: server.id,
    revision: state.revision,
    organisationId: server.organisationId,
    tenantId: server.tenantId,
    document,
    digest: createHash("sha256").update(document).digest("hex"),
    authorId: ctx.actor.kind === "user" ? ctx.actor.userId : null,
    authorName: ctx.actor.name,
    summary,
    createdAt: ctx.now(),
  });
  await tx
    .update(servers)
    .set({ targetRevision: state.revision, hostname: state.hostname })
    .where(eq(servers.id, server.id));
  server.targetRevision = state.revision;
}

/** Asks for a converge to the current revision. */
export async function enqueueConverge(
  tx: Transaction,
  ctx: { actor: Actor; now(): Date },
  { server, revertsDrift = false }: { server: ServerForChange; revertsDrift?: boolean },
): Promise<string> {
  const { state, digest } = await readTargetState(tx, server);
  const { jobId } = await enqueueJob(tx, ctx, {
    serverId: server.id,
    verb: "converge",
    args: { targetRevision: state.revision, targetDigest: digest, revertsDrift },
  });
  return jobId;
}

/** Asks for the mail directory to be brought to the current revision. */
export async function enqueueSyncDirectory(
  tx: Transaction,
  ctx: { actor: Actor; now(): Date },
  server: Pick<ServerForChange, "id" | "directoryEpoch" | "directoryRevision" | "directoryChain">,
): Promise<string> {
  const { jobId } = await enqueueJob(tx, ctx, {
    serverId: server.id,
    verb: "sync-directory",
    args: { epoch: server.directoryEpoch, revision: server.directoryRevision, chain: server.directoryChain },
  });
  return jobId;
}
