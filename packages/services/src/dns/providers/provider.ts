import type { RecordSet, RecordValue, SetChange } from "@mailstead/core/publishing";

/** A zone as a provider holds it. */
export interface ProviderZone {
  /** In lower case without the final dot. */
  name: string;
  /** By which the provider's API calls it. */
  id: string;
}

/**
 * One account at a DNS provider. Every method ends in bounded time and throws DnsProviderError for whatever the
 * provider, the network or the credentials do.
 */
export interface DnsProvider {
  /** The zones that the credentials may change. Throws when they may do nothing. */
  listZones(): Promise<ProviderZone[]>;
  /** Every set that stands under these names, values in canonical form. */
  readSets(zone: ProviderZone, names: readonly string[]): Promise<RecordSet[]>;
  /**
   * Makes each set what its change says, in the order given. Where the provider can, it refuses when a set is not as it
   * was before. After a failure some may be made and others not, so the caller reads again. `tell` hears in a sentence
   * when the provider shows that somebody else wrote in the same moment, whose change may be lost.
   */
  writeSets(
    zone: ProviderZone,
    changes: readonly SetChange[],
    tell?: (sentence: string) => void,
  ): Promise<void>;
  /** Whether the provider can hold such a record at all; one without this can hold every one. */
  canHold?(value: Pick<RecordValue, "type" | "value">): boolean;
}

export type DnsProviderProblem =
  /** The credentials are unknown, wrong or expired. */
  | "bad-credentials"
  /** The credentials are right but may not do this. */
  | "not-allowed"
  | "zone-not-found"
  /** Our clock and the provider's are too far apart. */
  | "clock-skew"
  | "rate-limited"
  /** The zone is no longer as the change was planned for. */
  | "changed-meanwhile"
  /** The provider lists what was written and could not bring it into the DNS. */
  | "not-live"
  /** The provider does not take such a record. */
  | "rejected"
  | "unreachable"
  | "provider-failed"
  /** What it answered is not what its interface promises. */
  | "unreadable";

const temporaryProblems: readonly DnsProviderProblem[] = [
  "clock-skew",
  "rate-limited",
  "changed-meanwhile",
  "not-live",
  "unreachable",
  "provider-failed",
  "unreadable",
];

/** What a provider did instead of what was asked; `message` is a sentence for a person and holds no credentials. */
export class DnsProviderError extends Error {
  override readonly name = "DnsProviderError";
  readonly problem: DnsProviderProblem;
  /** How long the provider asked us to wait. */
  readonly retryAfterMs: number | undefined;

  constructor(
    problem: DnsProviderProblem,
    sentence: string,
    details: { cause?: unknown; retryAfterMs?: number | undefined } = {},
  ) {
    super(sentence, details.cause === undefined ? undefined : { cause: details.cause });
    this.problem = problem;
    this.retryAfterMs = details.retryAfterMs;
  }

  /** Whether trying again later can help without anybody doing anything. */
  get kind(): "temporary" | "permanent" {
    return temporaryProblems.includes(this.problem) ? "temporary" : "permanent";
  }
}
