/** Why a feed gave nothing: in a sentence for a person, and whether trying again can help without one. */
export class FeedProblem extends Error {
  override readonly name = "FeedProblem";
  readonly kind: "temporary" | "permanent";
  readonly code: FeedProblemCode;
  /** How long the provider asked us to wait. */
  readonly retryAfterMs: number | null;

  constructor(
    code: FeedProblemCode,
    sentence: string,
    { retryAfterMs = null, cause }: { retryAfterMs?: number | null; cause?: unknown } = {},
  ) {
    super(sentence, cause === undefined ? undefined : { cause });
    this.code = code;
    this.kind = temporary.includes(code) ? "temporary" : "permanent";
    this.retryAfterMs = retryAfterMs;
  }
}

export type FeedProblemCode =
  /** The consent was withdrawn or has expired; a person gives it anew. */
  | "grant-over"
  | "bad-credentials"
  /** The credentials are right and may not read this. */
  | "not-allowed"
  | "not-found"
  /** What was to be made is there already. */
  | "exists"
  | "slow-down"
  /** Our clock and the provider's are too far apart. */
  | "clock-skew"
  | "provider-failed"
  | "unreachable"
  /** What came is not what the provider promises. */
  | "unreadable"
  | "rejected"
  /** What we ourselves did wrong, whatever the provider said. */
  | "failed-here";

const temporary: readonly FeedProblemCode[] = [
  "slow-down",
  "clock-skew",
  "provider-failed",
  "unreachable",
  "unreadable",
  "failed-here",
];
