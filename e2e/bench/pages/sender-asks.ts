import { type Ask, fleetSpans, once, question, type Subjects, spanned, spans } from "./ask.ts";

/** What is asked of a server or a domain: of the largest, and of many others, each for the first time. */
export function senderAsks(subjects: Subjects): readonly Ask[] {
  return [...serverAsks(subjects), ...domainAsks(subjects)];
}

type Inputs = Readonly<Record<string, unknown>>;

function serverAsks({ servers, addresses, day }: Subjects): readonly Ask[] {
  const largest = servers.slice(0, 1);
  const asked = (procedure: string, input: Inputs = {}) =>
    largest.map((serverId) => question(procedure, { serverId, ...input }));
  const [address] = addresses;
  return [
    ...spanned("largest server, page", spans, (span) => pages("servers", largest, span)),
    ...spanned("any server, page", spans, (span) => pages("servers", servers, span)),
    ...spanned("largest server, figures", spans, (span) => asked("deliverability.server", { span })),
    ...spanned("largest server, day map", spans, (span) =>
      asked("deliverability.serverReputation", { span }),
    ),
    ...spanned("largest server, verdicts", spans, (span) => asked("verdicts.server", { span })),
    ...spanned("largest server, course", fleetSpans, (span) => asked("deliverability.course", { span })),
    ...spanned("an address of it, course", fleetSpans, (span) =>
      address === undefined ? [] : asked("deliverability.course", { span, address }),
    ),
    ...spanned("an address of it, page", spans, (span) =>
      address === undefined ? [] : pages("servers", largest, span).map((path) => pageOf(path, address)),
    ),
    once(
      "export of a server's days as CSV",
      largest.map((id) => `/api/export/course?server=${id}&span=quarter&compare=1`),
    ),
    once("evidence of a day, server", asked("deliverability.day", { day, provider: "gmail" })),
    once("findings of a server", asked("findings.list")),
    once("feeds of a server", asked("feeds.server")),
    once("block lists of a server", asked("blockLists.ofServer")),
    once("accounts of a server", asked("accounts.list")),
    once("measures", asked("measures.list")),
    once("warm-ups", asked("measures.warmUps")),
    once(
      "overview of the largest server, page",
      largest.map((id) => `/servers/${id}`),
    ),
    once(
      "queue of a server, page",
      largest.map((id) => `/servers/${id}/queue`),
    ),
    once(
      "settings of a server, page",
      largest.map((id) => `/servers/${id}/settings`),
    ),
  ];
}

/** The page of one address, by the page of its server. */
function pageOf(path: string, address: string): string {
  return path.replace("/deliverability", `/deliverability/${encodeURIComponent(address)}`);
}

function domainAsks({ domains, reported, strangers, day }: Subjects): readonly Ask[] {
  const largest = domains.slice(0, 1);
  const asked = (procedure: string, input: Inputs = {}) =>
    largest.map((domainId) => question(procedure, { domainId, ...input }));
  return [
    ...spanned("largest domain, page", spans, (span) => pages("domains", largest, span)),
    ...spanned("most reported domain, page", spans, (span) => pages("domains", reported, span)),
    ...spanned("any domain, page", spans, (span) => pages("domains", domains, span)),
    ...spanned("largest domain, figures", spans, (span) => asked("deliverability.domain", { span })),
    ...spanned("largest domain, day map", spans, (span) =>
      asked("deliverability.domainReputation", { span }),
    ),
    ...spanned("largest domain, DMARC and TLS", spans, (span) => asked("deliverability.reports", { span })),
    ...spanned("most reported domain, DMARC and TLS", spans, (span) =>
      reported.map((domainId) => question("deliverability.reports", { domainId, span })),
    ),
    ...spanned("largest domain, course", fleetSpans, (span) => asked("deliverability.course", { span })),
    once(
      "export of a domain's days as CSV",
      largest.map((id) => `/api/export/course?domain=${id}&span=quarter&compare=1`),
    ),
    once("evidence of a day, domain", asked("deliverability.day", { day, provider: "gmail" })),
    once("sender rules", asked("senderRules.domain")),
    once("findings of a domain", asked("findings.list")),
    once("feeds of a domain", asked("feeds.domain")),
    once(
      "reports of a domain's sender",
      strangers.length === 0
        ? []
        : reported.map((domainId) =>
            question("deliverability.senderReports", {
              domainId,
              addresses: strangers.slice(0, 50),
              span: "quarter",
            }),
          ),
    ),
    once(
      "records of the largest domain, page",
      largest.map((id) => `/domains/${id}`),
    ),
  ];
}

/** Pages about the mail of servers or domains. */
function pages(of: "servers" | "domains", ids: readonly string[], span: string): string[] {
  return ids.map((id) => `/${of}/${id}/deliverability?span=${span}`);
}
