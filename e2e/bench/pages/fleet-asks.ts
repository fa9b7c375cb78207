import { type Ask, fleetSpans, once, question, type Subjects, spanned } from "./ask.ts";

const kinds = ["servers", "domains"] as const;

/** What is asked of all servers, or of one customer's. */
export function fleetAsks({ customers, strangers, day }: Subjects): readonly Ask[] {
  const customer = customers.slice(0, 1);
  const ofFleet = (name: string, path: string) =>
    spanned(name, fleetSpans, (span) => [`${path}?span=${span}`]);
  const ofCustomer = (name: string, path: string) =>
    spanned(name, fleetSpans, (span) => customer.map((id) => `${path}?span=${span}&customer=${id}`));
  const asked = (name: string, procedure: string, input: Readonly<Record<string, unknown>> = {}) =>
    spanned(name, fleetSpans, (span) => [question(procedure, { span, ...input })]);
  const exported = (name: string, query: string) => once(name, [`/api/export/${query}`]);
  return [
    ...ofFleet("fleet page", "/deliverability"),
    ...ofCustomer("customer page", "/deliverability"),
    ...kinds.flatMap((of) => [
      once(`fleet page, ${of} at one receiver`, [`/deliverability?of=${of}&provider=gmail`]),
      once(`standings of ${of}`, [question("deliverability.standings", { of })]),
      once(`standings of ${of}, last page`, [question("deliverability.standings", { of, cursor: "450" })]),
      once(`standings of ${of} at one receiver`, [
        question("deliverability.standings", { of, provider: "gmail" }),
      ]),
      once(`standings of ${of} searched`, [question("deliverability.standings", { of, search: "19" })]),
      exported(`export of ${of} as CSV`, `standings?of=${of}`),
    ]),
    once("whether figures stand still", [question("deliverability.behind")]),
    once("domains as a page", ["/deliverability?of=domains"]),
    ...asked("fleet figures and heat map", "deliverability.fleet"),
    ...asked("fleet course", "deliverability.course"),
    ...asked("fleet course at one receiver", "deliverability.course", { provider: "outlook" }),
    exported("export of the fleet's days as CSV", "course?span=quarter&compare=1"),
    once("evidence of a day, fleet", [question("deliverability.day", { day, provider: "gmail" })]),
    once(
      "evidence of a day, customer",
      customer.map((tenantId) => question("deliverability.day", { day, provider: "gmail", tenantId })),
    ),
    ...ofFleet("encryption page", "/deliverability/encryption"),
    ...ofCustomer("encryption page of a customer", "/deliverability/encryption"),
    ...asked("encryption", "deliverability.tls"),
    ...ofFleet("senders page", "/deliverability/senders"),
    ...ofCustomer("senders page of a customer", "/deliverability/senders"),
    ...asked("senders, all", "deliverability.senders", { whose: "all" }),
    once("senders searched", [question("deliverability.senders", { whose: "all", search: "d19" })]),
    exported("export of senders as CSV", "senders?whose=all"),
    ...spanned("reports of a sender", fleetSpans, (span) =>
      strangers.length === 0
        ? []
        : [question("deliverability.senderReports", { addresses: strangers.slice(0, 50), span })],
    ),
    once("block lists page", ["/deliverability/block-lists"]),
    once(
      "block lists page of a customer",
      customer.map((id) => `/deliverability/block-lists?customer=${id}`),
    ),
    once("block lists of the fleet", [question("blockLists.ofFleet", {})]),
    once("feeds page", ["/deliverability/feeds"]),
    once("feeds, list", [question("feeds.list", {})]),
  ];
}
