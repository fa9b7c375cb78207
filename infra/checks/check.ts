/** One line of `npm run verify`. */
export interface Check {
  /** What holds when the check finds nothing. */
  readonly promise: string;
  /** One finding per broken place, each with file, reason and way out; empty when the promise holds. */
  find(root: string): Promise<readonly string[]>;
}
