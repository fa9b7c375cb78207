import type { OrderFailure } from "@mailstead/core/certificates";

/** A failure between us and a CA, with what core needs to decide what comes next. */
export class AcmeError extends Error {
  readonly failure: OrderFailure;

  constructor(failure: OrderFailure, options?: ErrorOptions) {
    super(failure.detail, options);
    this.failure = failure;
  }
}
