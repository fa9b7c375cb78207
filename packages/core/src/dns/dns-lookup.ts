import type { RecordType } from "./planned-record.ts";

/** A question about a name that a decision needs an answer to; CNAMEs are followed by whoever answers. */
export interface DnsLookup {
  /** Absolute name without the final dot. */
  name: string;
  /** SPF is the type that RFC 7208 §3.1 gave up; it is only asked for to say that it stands there. */
  type: RecordType | "SPF";
}

/** `values` are presentation texts, TXT strings joined; none says that the name or this type of it does not exist. */
export type DnsLookupAnswer =
  | { kind: "found"; values: readonly string[] }
  | { kind: "none" }
  | { kind: "failed"; problem: string };

/**
 * A decision that asks the DNS on its way: it yields each question and is given the answer. So it stays pure, and
 * whoever runs it chooses whom to ask.
 */
export type AskingDns<Result> = Generator<DnsLookup, Result, DnsLookupAnswer>;

/** Runs a decision to its end with somebody who answers. */
export async function answerLookups<Result>(
  decision: AskingDns<Result>,
  answer: (lookup: DnsLookup) => Promise<DnsLookupAnswer>,
): Promise<Result> {
  let step = decision.next();
  while (!step.done) step = decision.next(await answer(step.value));
  return step.value;
}
