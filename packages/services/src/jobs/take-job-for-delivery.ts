import { chooseDeliverableJobs, type Delivery, type SignedJob } from "@mailstead/core/jobs";
import { jobs, type Transaction } from "@mailstead/db";
import { inArray } from "drizzle-orm";
import {
  type Answers,
  type Apart,
  type Asked,
  alone,
  apart,
  type SystemContext,
  withConnections,
} from "../context/index.ts";
import { advanceJobs, type JobChange } from "./advance-job.ts";
import { lockServers, readOpenJobs } from "./open-job.ts";

export type TakenJob =
  | { kind: "taken"; job: SignedJob }
  /** Another gateway holds the agent, or none does; whoever gets it looks at the rows by itself. */
  | { kind: "elsewhere" }
  /** It has been sent, has ended, or something before it in its lane has not. */
  | { kind: "not-now" };

const signedJobColumns = {
  id: jobs.id,
  state: jobs.state,
  order: jobs.signedOrder,
  signature: jobs.signature,
  keyFingerprint: jobs.keyFingerprint,
};

export type WantedDelivery = Delivery & { readonly gatewayId: string };

/**
 * Moves a waiting job to `dispatched` for the gateway that holds its agent, when it is its turn in its lane. Of any
 * number of deliveries of one job, one gets it.
 */
export function takeJobForDelivery(ctx: SystemContext, wanted: WantedDelivery): Promise<TakenJob> {
  return alone(takeJobsForDelivery, ctx, wanted);
}

/** The same of jobs of several servers in one transaction; each server may be among them once. */
export function takeJobsForDelivery(asked: readonly Asked<WantedDelivery>[]): Promise<Answers<TakenJob>> {
  return withConnections(asked, async (tx, ctx, wanted) => {
    const locked = await lockServers(
      tx,
      wanted.map(({ serverId }) => serverId),
    );
    const isHere = ({ serverId, gatewayId }: WantedDelivery) => locked.get(serverId)?.gatewayId === gatewayId;
    const here = wanted.filter(isHere);
    const now = ctx.now();
    const serverIds = here.map(({ serverId }) => serverId);
    const open = serverIds.length === 0 ? [] : await readOpenJobs(tx, { serverIds, now });
    const itsTurn = new Set(
      [...Map.groupBy(open, ({ serverId }) => serverId).values()].flatMap((ofServer) =>
        chooseDeliverableJobs(ofServer).map(({ id }) => id),
      ),
    );
    const taken = await dispatch(
      tx,
      here.filter(({ jobId }) => itsTurn.has(jobId)),
      now,
    );
    return wanted.map((one): TakenJob | Apart => {
      if (wanted.length > 1 && !locked.has(one.serverId)) return apart;
      const job = taken.get(one.jobId);
      return job === undefined ? { kind: isHere(one) ? "not-now" : "elsewhere" } : { kind: "taken", job };
    });
  });
}

/** Notes of jobs that they are sent, where they still wait for it and are signed; gives those. */
async function dispatch(
  tx: Transaction,
  wanted: readonly WantedDelivery[],
  now: Date,
): Promise<ReadonlyMap<string, SignedJob>> {
  if (wanted.length === 0) return new Map();
  const rows = await tx
    .select(signedJobColumns)
    .from(jobs)
    .where(
      inArray(
        jobs.id,
        wanted.map(({ jobId }) => jobId),
      ),
    )
    .orderBy(jobs.id)
    .for("update");
  const gatewayOf = new Map(wanted.map(({ jobId, gatewayId }) => [jobId, gatewayId]));
  const taken = new Map<string, SignedJob>();
  const changes: JobChange[] = [];
  for (const { id, state, order, signature, keyFingerprint } of rows) {
    if (!order || !signature || !keyFingerprint) continue;
    const event = { kind: "sent" } as const;
    const change = { event, dispatchedAt: now, gatewayId: gatewayOf.get(id) ?? null };
    changes.push({ job: { id, state }, change });
    taken.set(id, { order, signature, keyFingerprint });
  }
  const states = await advanceJobs(tx, changes);
  for (const [place, { job }] of changes.entries()) if (states[place] === null) taken.delete(job.id);
  return taken;
}
