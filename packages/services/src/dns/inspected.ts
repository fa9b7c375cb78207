import type { CheckFinding } from "@mailstead/core/dns";

/** What one part of a check found, and the kinds of findings that it could say nothing about. */
export interface Inspected {
  findings: readonly CheckFinding[];
  /** Kinds, or keys of single findings, of which nothing is opened or closed by this check, because nobody could be asked. */
  unasked: readonly string[];
}
