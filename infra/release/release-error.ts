/** A release cannot be made; the message is one sentence that says what, where, and what to do. */
export class ReleaseError extends Error {
  override readonly name = "ReleaseError";
}
