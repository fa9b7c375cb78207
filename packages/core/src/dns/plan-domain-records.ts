import { spfLimits } from "./evaluate-spf.ts";
import type { PlannedRecord } from "./planned-record.ts";
import type { DmarcWishes, PlannedServer, RecordPlanInput } from "./record-plan-input.ts";
import { mailtoUri } from "./report-address.ts";
import { smarthostsInSpf } from "./smarthost-records.ts";

const mxPreferenceStep = 10;

/** Where mail for the domain goes: to all its servers alike, and after them to those that only stand in, in their order. */
export function mxRecords({ domain, servers }: RecordPlanInput): PlannedRecord[] {
  const own = servers.filter(({ role = "mx" }) => role === "mx");
  const backups = servers.filter(({ role }) => role === "backup-mx");
  return [...own, ...backups].map(({ hostname, isReady = true }, index) => {
    const isBackup = index >= own.length;
    const rank = isBackup ? index - own.length + 1 + Math.min(own.length, 1) : 1;
    return {
      purpose: isBackup ? "backup-mx" : "mx",
      name: domain,
      type: "MX",
      value: `${rank * mxPreferenceStep} ${hostname}`,
      // Mail arrives by the first alone.
      level: index === 0 ? "required" : "recommended",
      reason: isBackup
        ? `Has ${hostname} keep mail for ${domain} while the other servers do not answer.`
        : `Tells the world that ${hostname} receives mail for ${domain}.`,
      withoutIt: isBackup
        ? "Senders keep the mail themselves while your servers are away, and some give up after a day."
        : index === 0
          ? "Nobody can send mail to this domain."
          : "All mail comes in by the other servers, and none of it by this one.",
      publishedAt: "domain-dns",
      ...(isReady
        ? {}
        : {
            caution: `${hostname} does not know ${domain} yet and would refuse its mail: publish this once it has been installed and set up.`,
          }),
    };
  });
}

/** Who sends in the domain's name: its MX hosts, the servers that only send, and whom the caller lets in. */
export function spfRecord({ domain, servers, spf = {} }: RecordPlanInput): PlannedRecord {
  const outbound = servers.filter(({ role }) => role === "outbound");
  const mxCount = servers.length - outbound.length;
  const smarthosts = smarthostsInSpf(domain, servers);
  const includes = includesOf({ domain, servers, spf });
  const terms = [
    // Without any server yet, the first one will be an MX.
    ...(mxCount > 0 || servers.length === 0 ? ["mx"] : []),
    ...outbound.map(({ hostname }) => `a:${hostname}`),
    ...includes.map((domainName) => `include:${domainName}`),
  ];
  const addresses = (spf.addresses ?? []).map(addressTerm);
  const caution = spf.flattened === undefined ? spfCaution({ lookupsMin: terms.length, mxCount }) : null;
  const hasOthers = includes.length + addresses.length > 0;
  const who = hasOthers
    ? "own mail servers, its smarthosts and the senders in its settings send"
    : "own mail servers send";
  const note = spf.flatteningNote === undefined ? "" : ` ${spf.flatteningNote}`;
  return {
    purpose: "spf",
    name: domain,
    type: "TXT",
    value: spf.flattened ?? `v=spf1 ${[...terms, ...addresses].join(" ")} -all`,
    level: "required",
    reason: `Says that only this domain's ${who} its mail (SPF).${note}`,
    withoutIt:
      "Gmail and Yahoo refuse mail that neither SPF nor DKIM proves, and anyone can send in this domain's name.",
    publishedAt: "domain-dns",
    ...(caution === null ? {} : { caution }),
    ...(smarthosts === null || spf.flattened !== undefined ? {} : { smarthosts }),
  };
}

/** The senders that somebody entered, and the services that the domain's mail may leave through. */
function includesOf({
  domain,
  servers,
  spf = {},
}: Pick<RecordPlanInput, "domain" | "servers" | "spf">): string[] {
  return [...new Set([...(spf.includes ?? []), ...(smarthostsInSpf(domain, servers)?.includes ?? [])])];
}

/**
 * The record to flatten: the domain's own servers by the addresses that are planned for them, since their names may not
 * be published yet. Null while a server's addresses are not known, which would shut it out.
 */
export function spfToFlatten({ domain, servers, spf = {} }: RecordPlanInput): string | null {
  if (servers.length === 0 || servers.some(({ ipAddresses }) => ipAddresses.length === 0)) return null;
  const own = servers.flatMap(({ ipAddresses }) => ipAddresses.map(addressTerm));
  const includes = includesOf({ domain, servers, spf }).map((domainName) => `include:${domainName}`);
  return `v=spf1 ${[...new Set([...own, ...(spf.addresses ?? []).map(addressTerm)]), ...includes].join(" ")} -all`;
}

function addressTerm(address: string): string {
  return address.includes(":") ? `ip6:${address}` : `ip4:${address}`;
}

/** What can be said without asking anybody: every term costs one look-up at least, and includes cost more inside. */
function spfCaution({ lookupsMin, mxCount }: { lookupsMin: number; mxCount: number }): string | null {
  if (lookupsMin > spfLimits.lookups)
    return `Receivers stop after ${spfLimits.lookups} look-ups and this record needs at least ${lookupsMin}, so SPF would fail for every message. Have it flattened, or take senders out.`;
  if (mxCount > spfLimits.namesPerAnswer)
    return `Receivers look at no more than ${spfLimits.namesPerAnswer} MX hosts and this domain has ${mxCount}, so SPF would fail for every message. Have it flattened.`;
  return null;
}

/** What receivers shall do with mail that only claims to be from the domain. */
export function dmarcRecord(domain: string, wishes: DmarcWishes = {}): PlannedRecord {
  return {
    purpose: "dmarc",
    name: `_dmarc.${domain}`,
    type: "TXT",
    value: dmarcValue(wishes),
    level: "recommended",
    reason: "Tells receivers to distrust mail that claims to be from this domain and is not (DMARC).",
    withoutIt:
      "Forged mail in this domain's name is delivered, and Gmail, Yahoo and Outlook refuse senders of many messages.",
    publishedAt: "domain-dns",
  };
}

/**
 * The version and the policy come first, which RFC 7489 §6.3 demands and RFC 9989 allows. A test says t=y to those who
 * know RFC 9989 and pct=0 to the others: both then apply the policy one step weaker.
 */
export function dmarcValue(wishes: DmarcWishes): string {
  const { policy = "quarantine", subdomainPolicy, nonexistentPolicy, isTesting = false } = wishes;
  const reportsTo = (wishes.reportsTo ?? []).map(mailtoUri);
  const failureReportsTo = (wishes.failureReportsTo ?? []).map(mailtoUri);
  return [
    "v=DMARC1",
    `p=${policy}`,
    ...(subdomainPolicy === undefined ? [] : [`sp=${subdomainPolicy}`]),
    ...(nonexistentPolicy === undefined ? [] : [`np=${nonexistentPolicy}`]),
    ...(isTesting ? ["t=y", "pct=0"] : []),
    ...(wishes.dkimAlignment === "strict" ? ["adkim=s"] : []),
    ...(wishes.spfAlignment === "strict" ? ["aspf=s"] : []),
    ...(reportsTo.length === 0 ? [] : [`rua=${reportsTo.join(",")}`]),
    ...(failureReportsTo.length === 0 ? [] : [`ruf=${failureReportsTo.join(",")}`, "fo=1"]),
  ].join("; ");
}

/** The names that senders use to reach the domain, whose policies name them. */
export function mxHosts(servers: readonly PlannedServer[]): string[] {
  return servers.filter(({ role }) => role !== "outbound").map(({ hostname }) => hostname);
}
