/** A value of the target state that cannot be written into a configuration file without changing its meaning. */
export class RenderError extends Error {
  override readonly name = "RenderError";
}
