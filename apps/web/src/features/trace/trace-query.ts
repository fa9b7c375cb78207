/** What is asked, as the form holds it. */
export interface TraceQuery {
  from: string;
  to: string;
  domain: string;
  /** A message-id or a queue id. */
  id: string;
  span: TraceSpan;
  serverId: string;
}

const hourMs = 3_600_000;
export const traceSpans = {
  hour: hourMs,
  day: 24 * hourMs,
  week: 7 * 24 * hourMs,
  month: 30 * 24 * hourMs,
} as const;
export type TraceSpan = keyof typeof traceSpans;

export const emptyQuery: TraceQuery = { from: "", to: "", domain: "", id: "", span: "week", serverId: "" };

/**
 * Reads a question out of the part of an address behind `#`. It stands there because browsers send that part to nobody, so that
 * no log on the way keeps whose mail was looked for.
 */
export function readTraceHash(hash: string): TraceQuery {
  const params = new URLSearchParams(hash.replace(/^#/, ""));
  const read = (name: string) => params.get(name)?.slice(0, 400) ?? "";
  const span = read("span");
  return {
    from: read("from"),
    to: read("to"),
    domain: read("domain"),
    id: read("id"),
    span: Object.hasOwn(traceSpans, span) ? (span as TraceSpan) : emptyQuery.span,
    serverId: read("server"),
  };
}

/** The address of a question on the trace screen. */
export function traceHref(query: Partial<TraceQuery>): string {
  const { from, to, domain, id, span, serverId } = { ...emptyQuery, ...query };
  const said = { from, to, domain, id, span: span === emptyQuery.span ? "" : span, server: serverId };
  const params = new URLSearchParams(Object.entries(said).filter(([, value]) => value.trim() !== ""));
  return params.size === 0 ? "/trace" : `/trace#${params}`;
}

export function isAsked({ from, to, domain, id }: TraceQuery): boolean {
  return [from, to, domain, id].some((text) => text.trim() !== "");
}

/** The question as the services take it. */
export function inputOf({ from, to, domain, id, span, serverId }: TraceQuery, now: Date) {
  const said = (name: string, text: string) => (text.trim() === "" ? {} : { [name]: text.trim() });
  // A queue id holds nothing but letters and digits; a message-id is made like an address (RFC 5322 §3.6.4).
  const isQueueId = /^[0-9A-Za-z]{5,24}$/.test(id.trim());
  return {
    ...(serverId === "" ? {} : { serverId }),
    criteria: {
      ...said("sender", from),
      ...said("recipient", to),
      ...said("domain", domain.toLowerCase()),
      ...said(isQueueId ? "queueId" : "messageId", id),
      fromUnixMs: now.getTime() - traceSpans[span],
    },
  };
}
