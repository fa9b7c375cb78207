import type { PlannedRecord } from "@mailstead/core/dns";
import type { PublishOutcome, PublishRequest, RecordPublisher } from "../dns/index.ts";

/**
 * Publishes what lies in the zone of delegated names and what lies in the domain's own DNS each by itself, so that neither
 * waits for the other's provider, or for a person. Gives the worst of what came of them.
 */
export async function publishSides(
  publisher: RecordPublisher,
  { put, withdraw, ...request }: PublishRequest,
): Promise<PublishOutcome> {
  const isDelegated = ({ publishedAt }: PlannedRecord) => publishedAt === "delegated-dns";
  const isOwn = (record: PlannedRecord) => !isDelegated(record);
  const outcomes: PublishOutcome[] = [];
  for (const isHere of [isDelegated, isOwn]) {
    const side = { put: put.filter(isHere), withdraw: withdraw.filter(isHere) };
    if (side.put.length + side.withdraw.length > 0)
      outcomes.push(await publisher.publish({ ...request, ...side }));
  }
  const worst = worstOf(outcomes);
  if (worst.kind !== "published") return worst;
  const changes = outcomes.reduce((sum, one) => sum + (one.kind === "published" ? one.changes : 0), 0);
  return { kind: "published", changes };
}

const byHand: PublishOutcome = { kind: "by-hand" };
const worstFirst: readonly PublishOutcome["kind"][] = ["refused", "failed", "by-hand", "published"];

/** What a person should know first of several outcomes. */
export function worstOf(outcomes: readonly PublishOutcome[]): PublishOutcome {
  const rank = ({ kind }: PublishOutcome) => worstFirst.indexOf(kind);
  return outcomes.toSorted((left, right) => rank(left) - rank(right))[0] ?? byHand;
}
