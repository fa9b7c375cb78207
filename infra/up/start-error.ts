/** Starting cannot go on; the message is one sentence that says what, where, and what to do. */
export class StartError extends Error {
  override readonly name = "StartError";
}
