import { valueKey } from "@mailstead/core/publishing";
import type { dnsPublications } from "@mailstead/db";
import { type Actor, ServiceError, withTransaction } from "../context/index.ts";
import { findDomain } from "../mailboxes/index.ts";
import { readDomainWishes } from "./domain-wishes.ts";
import { holdable, planReading, readZones, type ZoneWishes } from "./plan-zones.ts";
import { isSamePlan, type PublicationPlan, publicationPlan, withoutConnection } from "./publication.ts";
import type { PublishingWorker } from "./publishing-worker.ts";
import { writeZones } from "./write-zones.ts";

type PublicationRow = typeof dnsPublications.$inferSelect;

/** What becomes of a publication that a worker had in hand. */
export type PublicationStep = Pick<
  Partial<PublicationRow>,
  "state" | "plan" | "problem" | "isProblemTemporary" | "hasChangedMeanwhile" | "plannedAt" | "endedAt"
>;

/**
 * Plans a publication, or writes one that a person has confirmed, and says what becomes of it. When the zone or what is
 * wanted of it is no longer what was shown, nothing is written and the new plan is shown instead.
 */
export async function carryOutPublication(
  worker: PublishingWorker,
  row: PublicationRow,
): Promise<PublicationStep> {
  const { system } = worker;
  const domain = await readDomain(worker, row);
  if (domain === null)
    return failed({ kind: "permanent", sentence: "The domain was removed." }, system.now());
  const { organisationId, tenantId, domainId } = row;
  const scope = { organisationId, tenantId };
  const read = await readZones(worker, scope, domain.wishes);
  if (read.kind === "no-connection")
    return failed({ kind: "permanent", sentence: withoutConnection }, system.now());
  if (read.kind === "failed")
    return failed({ kind: read.error.kind, sentence: read.error.message }, system.now());

  const wishes = holdable(read.reading, domain.wishes);
  const fresh = publicationPlan(
    planReading(read.reading, wishes),
    read.reading.zones.flatMap(({ standing }) => standing),
  );
  const shown = row.plan as PublicationPlan | null;
  if (row.state !== "publishing" || shown === null) return planned(fresh, system.now());
  if (!isSamePlan(fresh, shown)) return { ...planned(fresh, system.now()), hasChangedMeanwhile: true };

  const conflicts = new Set(shown.conflicts.map(valueKey));
  const allowed = row.allowed.filter((value) => conflicts.has(valueKey(value)));
  const written = await writeZones(
    worker,
    { ...scope, domainId, domainName: domain.name, actor: actorOf(row, worker), reason: "publication" },
    planReading(read.reading, wishes, allowed).zones,
  );
  if (written.hasChangedMeanwhile)
    return {
      ...(await carryOutPublication(worker, { ...row, state: "planning" })),
      hasChangedMeanwhile: true,
    };
  return written.problem === null
    ? { state: "published", problem: null, hasChangedMeanwhile: false, endedAt: system.now() }
    : failed(written.problem, system.now());
}

async function readDomain(
  { system, app, installation }: PublishingWorker,
  { organisationId, domainId }: PublicationRow,
): Promise<{ name: string; wishes: ZoneWishes } | null> {
  const own = { ...system, database: app, installation, organisationId, tenantId: null };
  try {
    return await withTransaction(own, async (tx) => {
      const domain = await findDomain(tx, domainId);
      return { name: domain.name, wishes: await readDomainWishes(tx, domain) };
    });
  } catch (cause) {
    if (cause instanceof ServiceError && cause.kind === "not-found") return null;
    throw cause;
  }
}

function planned(plan: PublicationPlan, now: Date): PublicationStep {
  return { state: "planned", plan, problem: null, plannedAt: now, hasChangedMeanwhile: false };
}

function failed(
  { kind, sentence }: { kind: "temporary" | "permanent"; sentence: string },
  now: Date,
): PublicationStep {
  return {
    state: "failed",
    problem: sentence,
    isProblemTemporary: kind === "temporary",
    hasChangedMeanwhile: false,
    endedAt: now,
  };
}

/** The person who said yes, so that the audit names them and not the worker. */
function actorOf({ requestedById, requestedBy }: PublicationRow, { system }: PublishingWorker): Actor {
  return requestedById === null
    ? system.actor
    : { kind: "user", userId: requestedById, name: requestedBy, role: "technician" };
}
