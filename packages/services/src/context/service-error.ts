export type ServiceErrorKind =
  | "not-found"
  | "forbidden"
  | "conflict"
  | "invalid"
  | "limit-reached"
  | "precondition-failed"
  | "internal";

export interface ServiceErrorDetails {
  /** The field of the input that is wrong, like `localPart`. */
  field?: string;
  /** After how long trying again makes sense. */
  retryAfterMs?: number;
  cause?: unknown;
}

/** A use case refused; `message` is one sentence that may be shown to the person who asked. */
export class ServiceError extends Error {
  override name = "ServiceError";
  readonly kind: ServiceErrorKind;
  readonly field: string | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(kind: ServiceErrorKind, sentence: string, details: ServiceErrorDetails = {}) {
    super(sentence, details.cause === undefined ? undefined : { cause: details.cause });
    this.kind = kind;
    this.field = details.field;
    this.retryAfterMs = details.retryAfterMs;
  }
}
