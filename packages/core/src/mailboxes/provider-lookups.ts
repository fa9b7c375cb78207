interface Way {
  readonly provider: string;
  readonly gate: string;
}

/** What a question about a provider is made from. Every text is a word of ours, without a quote. */
export interface ProviderGates<Found extends Way> {
  readonly gates: readonly Found[];
  /** Domains that are a provider's by their name, where the host has not seen who receives for them. */
  readonly known: readonly { readonly provider: string; readonly domains: readonly string[] }[];
  /** Domains that are never a provider's. */
  readonly except: readonly string[];
}

/**
 * The gate for mail to a domain, in the language of sqlite_table(5). Domains that the directory holds are left out at
 * the moment of asking: mail for what is at home here stays here, wherever its MX still leads.
 */
export function providerRouteQuery(routes: ProviderGates<Way>): string {
  return `SELECT ${gateCase(routes, "p.provider")} FROM (SELECT ${providerOf(routes, "'%s'")} AS provider) p WHERE p.provider ${listOf(routes.gates)} AND ${isElsewhere(routes, "'%s'")}`;
}

/**
 * The gate for the share of a provider's recipients that goes another way. Whose turn it is follows from the address
 * alone, so every message to a person takes the same way, here and on every server.
 */
export function providerSplitQuery(routes: ProviderGates<Way & { readonly percent: number }>): string {
  const share = routes.gates.map(({ provider, percent }) => `WHEN '${provider}' THEN ${percent}`).join(" ");
  return `SELECT ${gateCase(routes, "p.provider")} FROM (SELECT ${providerOf(routes, "'%d'")} AS provider) p WHERE p.provider ${listOf(routes.gates)} AND ${isElsewhere(routes, "'%d'")} AND (${placeOf("'%u@%d'")}) < CASE p.provider ${share} END`;
}

/**
 * A number from 0 to 99 that is an address's own. Postfix reads a per cent sign as the beginning of a key, so the
 * remainder is taken without one.
 */
function placeOf(text: string): string {
  return `WITH RECURSIVE walk (n, h) AS (SELECT 1, 7 UNION ALL SELECT n + 1, (h * 31 + unicode(substr(${text}, n, 1))) & 1048575 FROM walk WHERE n <= length(${text})) SELECT h - h / 100 * 100 FROM walk ORDER BY n DESC LIMIT 1`;
}

function gateCase({ gates }: ProviderGates<Way>, provider: string): string {
  return `CASE ${provider} ${gates.map((one) => `WHEN '${one.provider}' THEN '${one.gate}'`).join(" ")} END`;
}

/** What was seen of a domain says more than its name: names are sold, and their mail moves. */
function providerOf({ known }: ProviderGates<Way>, domain: string): string {
  const named = known.filter(({ domains }) => domains.length > 0);
  const byName = `CASE ${named.map(({ provider, domains }) => `WHEN ${domain} ${listOf(domains)} THEN '${provider}'`).join(" ")} END`;
  const seen = `(SELECT provider FROM provider_domains WHERE name = ${domain})`;
  return named.length === 0 ? seen : `coalesce(${seen}, ${byName})`;
}

function isElsewhere({ except }: ProviderGates<Way>, domain: string): string {
  return `${domain} NOT ${listOf(except)} AND NOT EXISTS (SELECT 1 FROM domains WHERE name = ${domain}) AND NOT EXISTS (SELECT 1 FROM relayed_domains WHERE name = ${domain})`;
}

function listOf(values: readonly (string | { provider: string })[]): string {
  const quoted = values.map((value) => `'${typeof value === "string" ? value : value.provider}'`);
  return `IN (${quoted.join(", ")})`;
}
