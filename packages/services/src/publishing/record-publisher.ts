import { type RecordValue, valueKey } from "@mailstead/core/publishing";
import { domains } from "@mailstead/db";
import { and, eq } from "drizzle-orm";
import { withSystemTransaction } from "../context/index.ts";
import type { PublishOutcome, PublishRequest, RecordPublisher } from "../dns/index.ts";
import { inTurn } from "./in-turn.ts";
import { planReading, readZones, recordValue, type ZonesReading } from "./plan-zones.ts";
import type { PublishingWorker } from "./publishing-worker.ts";
import { writeZones } from "./write-zones.ts";

/** The publisher that rotation and certificates use: through the organisation's DNS connections, without a person. */
export function openRecordPublisher(worker: PublishingWorker): RecordPublisher {
  return { publish: (request) => inTurn(request.organisationId, () => publish(worker, request)) };
}

async function publish(worker: PublishingWorker, request: PublishRequest): Promise<PublishOutcome> {
  const { organisationId, domainId, put, withdraw, reason } = request;
  const [domain] = await withSystemTransaction(worker.system, (tx) =>
    tx
      .select({ name: domains.name, tenantId: domains.tenantId })
      .from(domains)
      .where(and(eq(domains.id, domainId), eq(domains.organisationId, organisationId))),
  );
  if (domain === undefined) return { kind: "refused", sentence: "The domain was removed." };
  const scope = { organisationId, tenantId: domain.tenantId };
  const wishes = { wanted: put.map(recordValue), withdrawn: withdraw.map(recordValue) };
  const read = await readZones(worker, scope, wishes);
  if (read.kind === "no-connection") return { kind: "by-hand" };
  if (read.kind === "failed") return outcomeOf(read.error);
  const plan = planReading(withMeant(read.reading, wishes.withdrawn), wishes);
  if (plan.byHand.length > 0) return { kind: "by-hand" };
  const blocking = plan.conflicts.filter(({ blocked }) => blocked.length > 0);
  if (blocking.length > 0)
    return { kind: "refused", sentence: blocking.map(({ sentence }) => sentence).join(" ") };
  const { changeCount, problem } = await writeZones(
    worker,
    { ...scope, domainId, domainName: domain.name, actor: worker.system.actor, reason },
    plan.zones,
  );
  if (problem !== null) return outcomeOf({ kind: problem.kind, message: problem.sentence });
  const reached = new Set(read.reading.zones.flatMap(({ names }) => names));
  const isLeft = wishes.wanted.length === 0 && wishes.withdrawn.some(({ name }) => !reached.has(name));
  return isLeft ? { kind: "by-hand" } : { kind: "published", changes: changeCount };
}

/**
 * Rotations and certificates withdraw exactly what they made, whoever's domain it was noted for: a server's TLSA record
 * belongs to the customer in whose zone its name lies.
 */
function withMeant(reading: ZonesReading, withdrawn: readonly RecordValue[]): ZonesReading {
  const meant = new Set(withdrawn.map(valueKey));
  const isMeant = (value: RecordValue) => meant.has(valueKey(value));
  const { owned, neighbours } = reading;
  return {
    ...reading,
    owned: [...owned, ...neighbours.filter(isMeant)],
    neighbours: neighbours.filter((value) => !isMeant(value)),
  };
}

function outcomeOf({ kind, message }: { kind: "temporary" | "permanent"; message: string }): PublishOutcome {
  return { kind: kind === "temporary" ? "failed" : "refused", sentence: message };
}
