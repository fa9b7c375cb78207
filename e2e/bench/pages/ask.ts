/** One thing that a person does: a page as its HTML, with all that it asks for, or a question that a screen asks later. */
export interface Ask {
  readonly name: string;
  readonly range: string;
  /** Paths of the same kind; the same one over and over where there is one alone. */
  readonly paths: readonly string[];
}

/** What a person may look at: the first is the one with most rows. */
export interface Subjects {
  readonly customers: readonly string[];
  readonly servers: readonly string[];
  /** Addresses that the largest server sends from. */
  readonly addresses: readonly string[];
  readonly domains: readonly string[];
  /** The domain of which receivers report most. */
  readonly reported: readonly string[];
  /** Addresses that sent in its name, most of them strangers'. */
  readonly strangers: readonly string[];
  /** Open ones of each kind. */
  readonly findings: readonly string[];
  /** The day before this one, as 2026-11-20. */
  readonly day: string;
}

export const spans = ["day", "week", "month", "quarter"] as const;
export const fleetSpans = ["week", "month", "quarter"] as const;

/** A question as the browser puts it. */
export function question(procedure: string, input?: Readonly<Record<string, unknown>>): string {
  const text = input === undefined ? "" : `?input=${encodeURIComponent(JSON.stringify({ json: input }))}`;
  return `/api/trpc/${procedure}${text}`;
}

/** Something that is asked of no time. */
export function once(name: string, paths: readonly string[]): Ask {
  return { name, range: "", paths };
}

/** The same thing asked of several times. */
export function spanned<Span extends string>(
  name: string,
  of: readonly Span[],
  paths: (span: Span) => readonly string[],
): readonly Ask[] {
  return of.map((span) => ({ name, range: span, paths: paths(span) }));
}
