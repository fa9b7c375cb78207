import type { PlannedRecord } from "@mailstead/core/dns";

export interface PublishRequest {
  organisationId: string;
  domainId: string;
  /** Records that ought to stand in the zone; one that stands there already is left as it is. */
  put: readonly PlannedRecord[];
  /** Records of ours that ought to go; what we did not write is never taken away. */
  withdraw: readonly PlannedRecord[];
  /** For the audit, like "rotation of the DKIM keys". */
  reason: string;
}

/**
 * published: the provider has taken what was missing. by-hand: no provider is connected, a person pastes the records.
 * refused: trying again changes nothing until a person acts (permanent). failed: it may go well later (temporary).
 */
export type PublishOutcome =
  | { kind: "published"; changes: number }
  | { kind: "by-hand" }
  | { kind: "refused"; sentence: string }
  | { kind: "failed"; sentence: string };

/** Writes records into the zone of a domain. Idempotent; never throws for what a provider or the network does. */
export interface RecordPublisher {
  publish(request: PublishRequest): Promise<PublishOutcome>;
}
