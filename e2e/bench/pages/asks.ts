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
  readonly domains: readonly string[];
  readonly findings: readonly string[];
}

const spans = ["day", "week", "month", "quarter"] as const;
const fleetSpans = ["week", "month", "quarter"] as const;

/** A question as the browser puts it. */
function question(procedure: string, input?: Readonly<Record<string, unknown>>): string {
  const text = input === undefined ? "" : `?input=${encodeURIComponent(JSON.stringify({ json: input }))}`;
  return `/api/trpc/${procedure}${text}`;
}

/** Everything that has to do with deliverability, as somebody asks for it who sees these. */
export function asksOf({ customers, servers, domains, findings }: Subjects): readonly Ask[] {
  const [server, domain] = [servers.slice(0, 1), domains.slice(0, 1)];
  const each = (name: string, paths: readonly string[]): Ask => ({ name, range: "", paths });
  const spanned = (name: string, ids: readonly string[], path: (id: string, span: string) => string): Ask[] =>
    spans.map((span) => ({ name, range: span, paths: ids.map((id) => path(id, span)) }));
  const asks: Ask[] = [
    each("home", ["/"]),
    each("what changed", [question("home.findingChanges")]),
    ...fleetSpans.flatMap((span): Ask[] => [
      { name: "fleet page", range: span, paths: [`/deliverability?span=${span}`] },
      {
        name: "customer page",
        range: span,
        paths: customers.slice(0, 1).map((id) => `/deliverability?span=${span}&customer=${id}`),
      },
      {
        name: "fleet figures and heat map",
        range: span,
        paths: [question("deliverability.fleet", { span })],
      },
    ]),
    each("standings of servers", [question("deliverability.standings", { of: "servers" })]),
    each("standings of domains", [question("deliverability.standings", { of: "domains" })]),
    each("standings at one provider", [
      question("deliverability.standings", { of: "domains", provider: "gmail" }),
    ]),
    each("standings searched", [question("deliverability.standings", { of: "domains", search: "d19" })]),
    each("domains as a page", ["/deliverability?of=domains"]),
    each("export of servers as CSV", ["/api/export/standings"]),
    each("export of domains as CSV", ["/api/export/standings?of=domains"]),
    ...spanned("largest server, page", server, (id, span) => `/servers/${id}/deliverability?span=${span}`),
    ...spanned("largest server, figures", server, (serverId, span) =>
      question("deliverability.server", { serverId, span }),
    ),
    ...spanned("largest server, day map", server, (serverId, span) =>
      question("deliverability.serverReputation", { serverId, span }),
    ),
    ...spanned("largest server, verdicts", server, (serverId, span) =>
      question("verdicts.server", { serverId, span }),
    ),
    ...spanned("any server, page", servers, (id, span) => `/servers/${id}/deliverability?span=${span}`),
    ...spanned("largest domain, page", domain, (id, span) => `/domains/${id}/deliverability?span=${span}`),
    ...spanned("largest domain, figures", domain, (domainId, span) =>
      question("deliverability.domain", { domainId, span }),
    ),
    ...spanned("largest domain, day map", domain, (domainId, span) =>
      question("deliverability.domainReputation", { domainId, span }),
    ),
    ...spanned("largest domain, DMARC and TLS", domain, (domainId, span) =>
      question("deliverability.reports", { domainId, span }),
    ),
    ...spanned("any domain, page", domains, (id, span) => `/domains/${id}/deliverability?span=${span}`),
    each(
      "sender rules",
      domain.map((domainId) => question("senderRules.domain", { domainId })),
    ),
    each(
      "feeds of a domain",
      domain.map((domainId) => question("feeds.domain", { domainId })),
    ),
    each(
      "feeds of a server",
      server.map((serverId) => question("feeds.server", { serverId })),
    ),
    each(
      "block lists",
      server.map((serverId) => question("blockLists.ofServer", { serverId })),
    ),
    each(
      "measures",
      server.map((serverId) => question("measures.list", { serverId })),
    ),
    each(
      "warm-ups",
      server.map((serverId) => question("measures.warmUps", { serverId })),
    ),
    each("accounts", [question("accounts.list", {})]),
    each("findings, list", [question("findings.list", {})]),
    each(
      "findings of a server",
      server.map((serverId) => question("findings.list", { serverId })),
    ),
    each(
      "finding, page",
      findings.map((id) => `/findings/${id}`),
    ),
    each("trace, page", ["/trace"]),
    each("queues, page", ["/queue"]),
    each(
      "queue of a server, page",
      server.map((id) => `/servers/${id}/queue`),
    ),
    each("settings, page", ["/settings"]),
    each("feeds, list", [question("feeds.list", {})]),
    each("alerts, page", ["/settings/alerts"]),
  ];
  return asks.filter(({ paths }) => paths.length > 0);
}
