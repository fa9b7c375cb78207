import { type RecordValue, valueKey } from "@mailstead/core/publishing";
import type { dnsPublications } from "@mailstead/db";
import { type Actor, type ServiceContext, ServiceError, withTransaction } from "../context/index.ts";
import { findDomain } from "../mailboxes/index.ts";
import {
  type HostedPlan,
  hostedZoneFinder,
  planHostedRecords,
  publishHostedRecords,
} from "../zones/index.ts";
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
  if (read.kind === "no-connection" && !domain.isHosted)
    return failed({ kind: "permanent", sentence: withoutConnection }, system.now());
  if (read.kind === "failed")
    return failed({ kind: read.error.kind, sentence: read.error.message }, system.now());
  // What no hosted zone and no connection reaches is for a person, and is named.
  const reading = read.kind === "read" ? read.reading : { zones: [], owned: [], neighbours: [] };

  const wishes = holdable(reading, domain.wishes);
  const standing = reading.zones.flatMap((zone) => zone.standing);
  const fresh = publicationPlan(planReading(reading, wishes), { standing, hosted: domain.hosted });
  const shown = row.plan as PublicationPlan | null;
  if (row.state !== "publishing" || shown === null) return planned(fresh, system.now());
  if (!isSamePlan(fresh, shown)) return { ...planned(fresh, system.now()), hasChangedMeanwhile: true };

  const conflicts = new Set(shown.conflicts.map(valueKey));
  const allowed = row.allowed.filter((value) => conflicts.has(valueKey(value)));
  await writeHosted(worker, row, allowed);
  const written = await writeZones(
    worker,
    { ...scope, domainId, domainName: domain.name, actor: actorOf(row, worker), reason: "publication" },
    planReading(reading, wishes, allowed).zones,
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

interface PublishedDomain {
  name: string;
  /** What is wanted of zones that lie elsewhere. */
  wishes: ZoneWishes;
  hosted: HostedPlan;
  isHosted: boolean;
}

async function readDomain(worker: PublishingWorker, row: PublicationRow): Promise<PublishedDomain | null> {
  try {
    return await withTransaction(contextOf(worker, row), async (tx) => {
      const domain = await findDomain(tx, row.domainId);
      const isHere = await hostedZoneFinder(tx, domain);
      const { wanted, withdrawn } = await readDomainWishes(tx, domain);
      return {
        name: domain.name,
        wishes: {
          wanted: wanted.filter(({ name }) => !isHere(name)),
          withdrawn: withdrawn.filter(({ name }) => !isHere(name)),
        },
        hosted: await planHostedRecords(tx, domain),
        isHosted: isHere(domain.name),
      };
    });
  } catch (cause) {
    if (cause instanceof ServiceError && cause.kind === "not-found") return null;
    throw cause;
  }
}

async function writeHosted(
  worker: PublishingWorker,
  row: PublicationRow,
  allowed: readonly RecordValue[],
): Promise<void> {
  const ctx = { ...contextOf(worker, row), actor: actorOf(row, worker) };
  await withTransaction(ctx, async (tx) => {
    const domain = await findDomain(tx, row.domainId);
    await publishHostedRecords(tx, ctx, { domain, allowed });
  });
}

function contextOf(
  { system, app, installation }: PublishingWorker,
  { organisationId }: PublicationRow,
): ServiceContext {
  return { ...system, database: app, installation, organisationId, tenantId: null };
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
