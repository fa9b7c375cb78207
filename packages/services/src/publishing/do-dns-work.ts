import { dnsConnections, dnsPublications } from "@mailstead/db";
import { and, asc, eq, inArray, isNull, lt, or } from "drizzle-orm";
import { withSystemTransaction } from "../context/index.ts";
import { carryOutPublication, type PublicationStep } from "./carry-out-publication.ts";
import { carryOutWithdrawal, claimWithdrawal } from "./carry-out-withdrawal.ts";
import { inTurn } from "./in-turn.ts";
import type { PublishingWorker } from "./publishing-worker.ts";
import { tryConnection } from "./try-connection.ts";

export interface DnsWork {
  /** Organisations for which something has changed that their pages show. */
  changedFor: string[];
  failed: { subjectId: string; cause: unknown }[];
}

/** Longer than any publication takes; a worker that died leaves it to another after this. */
const claimMs = 5 * 60_000;
/** Zones come and go at providers, and tokens expire. */
const tryAgainAfterMs = 24 * 60 * 60_000;
/** A provider that failed is soon well again, and a token may have been given the right that it lacked. */
const failingAgainAfterMs = 15 * 60_000;
const connectionsPerRun = 50;

/**
 * Does what people asked for and what is due: tries connections, plans publications and writes confirmed ones, and takes
 * away what is no longer needed.
 * `onChange` hears of each organisation as soon as its pages have something new to show.
 */
export async function doDnsWork(
  worker: PublishingWorker,
  onChange: (organisationId: string) => Promise<void>,
): Promise<DnsWork> {
  const work: DnsWork = { changedFor: [], failed: [] };
  const tell = async (organisationId: string) => {
    work.changedFor.push(organisationId);
    await onChange(organisationId);
  };
  for (const { id, organisationId } of await findConnectionsToTry(worker)) {
    await attempt(work, id, () => tryConnection(worker, id));
    await tell(organisationId);
  }
  for (let row = await claimPublication(worker); row !== null; row = await claimPublication(worker)) {
    const { id, organisationId } = row;
    const step =
      (await attempt(work, id, () => inTurn(organisationId, () => carryOutPublication(worker, row)))) ??
      interrupted(worker);
    await keep(worker, id, step);
    await tell(organisationId);
  }
  for (let row = await claimWithdrawal(worker); row !== null; row = await claimWithdrawal(worker)) {
    const claimed = row;
    const { id, organisationId } = claimed;
    await attempt(work, id, () => inTurn(organisationId, () => carryOutWithdrawal(worker, claimed)));
    await tell(organisationId);
  }
  return work;
}

async function attempt<T>(work: DnsWork, subjectId: string, run: () => Promise<T>): Promise<T | null> {
  try {
    return await run();
  } catch (cause) {
    // One that fails for a reason of ours must not hold up the others.
    work.failed.push({ subjectId, cause });
    return null;
  }
}

function interrupted({ system }: PublishingWorker): PublicationStep {
  return {
    state: "failed",
    problem:
      "Something went wrong in Mailstead itself; the cause is in the worker's log. Look at the zone again.",
    isProblemTemporary: true,
    endedAt: system.now(),
  };
}

function findConnectionsToTry({ system }: PublishingWorker) {
  const before = (ms: number) => new Date(system.now().getTime() - ms);
  return withSystemTransaction(system, (tx) =>
    tx
      .select({ id: dnsConnections.id, organisationId: dnsConnections.organisationId })
      .from(dnsConnections)
      .where(
        or(
          eq(dnsConnections.state, "testing"),
          lt(dnsConnections.testedAt, before(tryAgainAfterMs)),
          and(eq(dnsConnections.state, "failing"), lt(dnsConnections.testedAt, before(failingAgainAfterMs))),
        ),
      )
      .orderBy(asc(dnsConnections.testRequestedAt))
      .limit(connectionsPerRun),
  );
}

/** Takes the oldest open publication in hand, so that two workers never have the same one. */
async function claimPublication({ system }: PublishingWorker) {
  const now = system.now();
  return withSystemTransaction(system, async (tx) => {
    const next = tx
      .select({ id: dnsPublications.id })
      .from(dnsPublications)
      .where(
        and(
          inArray(dnsPublications.state, ["planning", "publishing"]),
          or(isNull(dnsPublications.claimedUntil), lt(dnsPublications.claimedUntil, now)),
        ),
      )
      .orderBy(asc(dnsPublications.createdAt))
      .limit(1)
      .for("update", { skipLocked: true });
    const [row] = await tx
      .update(dnsPublications)
      .set({ claimedUntil: new Date(now.getTime() + claimMs) })
      .where(inArray(dnsPublications.id, next))
      .returning();
    return row ?? null;
  });
}

async function keep({ system }: PublishingWorker, id: string, step: PublicationStep): Promise<void> {
  await withSystemTransaction(system, (tx) =>
    tx
      .update(dnsPublications)
      .set({ ...step, claimedUntil: null })
      .where(eq(dnsPublications.id, id)),
  );
}
