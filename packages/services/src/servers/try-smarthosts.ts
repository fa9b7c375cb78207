import type { Smarthost, TargetState } from "@mailstead/core/servers";
import { type SmarthostTrial, smarthostChanges, type Transaction } from "@mailstead/db";
import { and, eq } from "drizzle-orm";
import { recordAudit } from "../audit/index.ts";
import { type ServiceContext, ServiceError } from "../context/index.ts";
import type { SettingsChanged } from "./change-settings.ts";
import type { WantedSmarthost } from "./seal-smarthost.ts";
import type { ServerForChange } from "./server-for-change.ts";
import { readTargetState } from "./target-state-store.ts";
import { enqueueTrial, type KeptFor } from "./test-smarthost.ts";

/** Whether smarthosts are chosen by who sends or by who receives. */
export type SmarthostConcern = KeptFor["of"];

/** `isWaiting` says that mail goes as before until the host has tried what is new. */
export interface SmarthostsSaved extends SettingsChanged {
  isWaiting: boolean;
}

export interface WantedSmarthosts {
  server: ServerForChange;
  concerns: SmarthostConcern;
  smarthosts: readonly { of: string; smarthost: WantedSmarthost | null }[];
  /** A person has said to use what is new as it is. */
  isUntested: boolean;
  /** The whole input with its passwords sealed, to be kept until it takes effect. */
  seal(tx: Transaction, server: ServerForChange): Promise<object>;
  /** Brings it into the target state. */
  apply(tx: Transaction, server: ServerForChange): Promise<SettingsChanged>;
}

const trialsMax = 20;

/**
 * Applies smarthosts that are in use already or that a person wants untested; has the host try all others first, and
 * keeps the whole until it has. Throws what applying would, before anything is tried.
 */
export async function applyOrTry(
  tx: Transaction,
  ctx: ServiceContext,
  wanted: WantedSmarthosts,
): Promise<SmarthostsSaved> {
  const { server, concerns, smarthosts, isUntested, apply } = wanted;
  const { state } = await readTargetState(tx, server);
  const isNew = smarthosts.filter(({ smarthost }) => smarthost !== null && !isInUse(state, smarthost));
  await forgetChange(tx, server, concerns);
  if (isUntested || isNew.length === 0) return { ...(await apply(tx, server)), isWaiting: false };
  await refuseWhatApplyingRefuses(tx, wanted);
  const trials = await beginTrials(tx, ctx, { server, concerns, smarthosts: isNew });
  await tx.insert(smarthostChanges).values({
    serverId: server.id,
    concerns,
    organisationId: server.organisationId,
    tenantId: server.tenantId,
    wanted: await wanted.seal(tx, server),
    trials,
    requestedBy: ctx.actor.name,
    requestedAt: ctx.now(),
  });
  await recordAudit(tx, ctx, {
    organisationId: server.organisationId,
    tenantId: server.tenantId,
    action: "try-smarthosts",
    subject: { kind: "server", id: server.id, name: server.name },
    after: trials,
  });
  return { revision: state.revision, jobId: null, isWaiting: true };
}

/** A smarthost of the same name and sign-in stands in the target state, so its password is what the host uses today. */
function isInUse(state: TargetState, { password, ...wanted }: WantedSmarthost): boolean {
  if (password !== undefined) return false;
  const isSame = (known: Smarthost | null) =>
    known !== null &&
    known.host === wanted.host &&
    known.port === wanted.port &&
    known.username === wanted.username &&
    known.verifiesCertificate === wanted.verifiesCertificate;
  return [...state.relays, ...state.destinationRelays].some(({ smarthost }) => isSame(smarthost));
}

/** Applies it and takes that back, so that whatever is wrong with it is said to who typed it. */
async function refuseWhatApplyingRefuses(
  tx: Transaction,
  { server, apply }: WantedSmarthosts,
): Promise<void> {
  const takenBack = new Error("taken back");
  await tx
    .transaction(async (inner) => {
      await apply(inner, { ...server });
      throw takenBack;
    })
    .catch((error: unknown) => {
      if (error !== takenBack) throw error;
    });
}

/** Has the host try each smarthost once, however many senders or receivers it is for. Throws `limit-reached`. */
export async function beginTrials(
  tx: Transaction,
  ctx: ServiceContext,
  wanted: Pick<WantedSmarthosts, "server" | "concerns" | "smarthosts">,
): Promise<SmarthostTrial[]> {
  const different = new Map<string, { of: string; smarthost: WantedSmarthost }>();
  for (const { of, smarthost } of wanted.smarthosts) {
    if (smarthost === null) continue;
    const { host, port, username = "", password = of, verifiesCertificate } = smarthost;
    const signIn = username === "" ? [] : [username, password];
    const key = JSON.stringify([host, port, verifiesCertificate, ...signIn]);
    if (!different.has(key)) different.set(key, { of, smarthost });
  }
  if (different.size > trialsMax)
    throw new ServiceError(
      "limit-reached",
      `${trialsMax} new smarthosts are tested at once at most; save them in parts, or use them untested.`,
    );
  const trials: SmarthostTrial[] = [];
  for (const { of, smarthost } of different.values()) {
    const keptFor = { of: wanted.concerns, name: of };
    const { jobId } = await enqueueTrial(tx, ctx, { server: wanted.server, smarthost, keptFor });
    trials.push({ of, host: smarthost.host, port: smarthost.port, jobId });
  }
  return trials;
}

export type ChangeRow = typeof smarthostChanges.$inferSelect;

/** Drops what waits, whose trials then say nothing any more. */
export async function forgetChange(
  tx: Transaction,
  server: { id: string },
  concerns: SmarthostConcern,
): Promise<void> {
  const { serverId, concerns: own } = smarthostChanges;
  await tx.delete(smarthostChanges).where(and(eq(serverId, server.id), eq(own, concerns)));
}
