/**
 * error: mail is lost or refused now, or will be. warning: it works, and something ought to be put right.
 * instruction: nothing is wrong, and this would make it better.
 */
export type FindingSeverity = "error" | "warning" | "instruction";

/** One thing that the outside world sees and a person should know. */
export interface CheckFinding<Kind extends string = string> {
  /** Stable name of what was checked; its part of a runbook has it in the heading (`finding-kinds/runbook-of.ts`). */
  kind: Kind;
  severity: FindingSeverity;
  /** What it is about: a name, an address or a port. With the kind it makes the same finding of two checks one. */
  about: string;
  /** One sentence for a person: what is wrong, and where. */
  sentence: string;
  /** Records and who said them, a line each. */
  evidence: readonly string[];
  /** What it does to mail, in a sentence. */
  why: string;
  /** What to do, in a sentence. */
  fix: string;
  /** What to paste, whole. */
  record?: string;
}
