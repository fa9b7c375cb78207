import { type KnownServiceId, knownServices, serviceOfDomain, serviceOfSmarthost } from "./known-services.ts";

/** Messages of one source that fared alike, over any time and any receivers. */
export interface SourceRow {
  readonly sourceIp: string | null;
  readonly messages: number;
  readonly disposition: string;
  readonly isDkimAligned: boolean;
  readonly isSpfAligned: boolean;
  readonly dkim: readonly {
    readonly domain: string;
    readonly selector: string | null;
    readonly result: string;
  }[];
  readonly spf: { readonly domain: string; readonly result: string } | null;
  readonly reasons: readonly string[];
}

/** Who sends for a domain, as far as it is known here. */
export interface OwnSenders {
  readonly domain: string;
  readonly servers: readonly { readonly name: string; readonly addresses: readonly string[] }[];
  /** Host names of the smarthosts that its servers relay through. */
  readonly smarthosts: readonly string[];
  /** Selectors of the keys that its servers sign with, or did. */
  readonly selectors: readonly string[];
  /** What its settings let in besides: SPF includes. */
  readonly includes: readonly string[];
}

/**
 * ours: a server of the domain, a smarthost that it relays through, or somebody who passed a message on that one of our
 * keys has signed. service: a known service, which the domain's settings name or not. unknown: nobody that is known.
 */
export type SourceOrigin =
  | {
      readonly kind: "ours";
      readonly via: "server" | "smarthost" | "passed-on";
      readonly name: string | null;
    }
  | { readonly kind: "service"; readonly service: KnownServiceId; readonly isExpected: boolean }
  | { readonly kind: "unknown" };

export interface ReportSource {
  readonly sourceIp: string | null;
  readonly origin: SourceOrigin;
  readonly messages: number;
  readonly passed: number;
  readonly dkimAligned: number;
  readonly spfAligned: number;
  readonly quarantined: number;
  readonly rejected: number;
  /** Domains that signed or were the envelope sender's, whether it passed or not. */
  readonly seenDomains: readonly string[];
  /** Of those, the ones that a signature or SPF proved. */
  readonly provenDomains: readonly string[];
  /** Why receivers did not do what the policy says. */
  readonly reasons: readonly string[];
}

/** Sums rows by the address that messages came from, and says whose each is. Those that fail most come first. */
export function judgeSources(rows: readonly SourceRow[], own: OwnSenders): ReportSource[] {
  return [...Map.groupBy(rows, ({ sourceIp }) => sourceIp)]
    .map(([sourceIp, ofSource]) => sumSource(sourceIp, { rows: ofSource, own }))
    .sort((a, b) => b.messages - b.passed - (a.messages - a.passed) || b.messages - a.messages);
}

function sumSource(
  sourceIp: string | null,
  { rows, own }: { rows: readonly SourceRow[]; own: OwnSenders },
): ReportSource {
  const sum = (chosen: (row: SourceRow) => boolean) =>
    rows.reduce((total, row) => total + (chosen(row) ? row.messages : 0), 0);
  const proofs = rows.flatMap(({ dkim, spf }) => [...dkim, ...(spf === null ? [] : [spf])]);
  const names = (of: typeof proofs) => [...new Set(of.map(({ domain }) => domain))].slice(0, seenDomainsMax);
  return {
    sourceIp,
    origin: originOf(sourceIp, { rows, own }),
    messages: sum(() => true),
    passed: sum(({ isDkimAligned, isSpfAligned }) => isDkimAligned || isSpfAligned),
    dkimAligned: sum(({ isDkimAligned }) => isDkimAligned),
    spfAligned: sum(({ isSpfAligned }) => isSpfAligned),
    quarantined: sum(({ disposition }) => disposition === "quarantine"),
    rejected: sum(({ disposition }) => disposition === "reject"),
    seenDomains: names(proofs),
    provenDomains: names(proofs.filter(({ result }) => result.toLowerCase() === "pass")),
    reasons: [...new Set(rows.flatMap(({ reasons }) => reasons))],
  };
}

const seenDomainsMax = 6;

function originOf(
  sourceIp: string | null,
  { rows, own }: { rows: readonly SourceRow[]; own: OwnSenders },
): SourceOrigin {
  const server = own.servers.find(({ addresses }) => sourceIp !== null && addresses.includes(sourceIp));
  if (server !== undefined) return { kind: "ours", via: "server", name: server.name };
  const proven = rows.flatMap(({ dkim, spf }) =>
    [...dkim, ...(spf === null ? [] : [spf])].filter(({ result }) => result.toLowerCase() === "pass"),
  );
  const services = proven.map(({ domain }) => serviceOfDomain(domain)).filter((service) => service !== null);
  const relayed = own.smarthosts
    .map(serviceOfSmarthost)
    .find((service) => service !== null && services.includes(service));
  if (relayed !== undefined && relayed !== null)
    return { kind: "ours", via: "smarthost", name: knownServices[relayed].title };
  if (isSignedByUs(rows, own)) return { kind: "ours", via: "passed-on", name: null };
  const [service] = services;
  if (service === undefined) return { kind: "unknown" };
  const includes: readonly string[] = knownServices[service].includes;
  return { kind: "service", service, isExpected: own.includes.some((name) => includes.includes(name)) };
}

/** Most of what came from there: one letter that a list has passed on makes nobody's host ours. */
function isSignedByUs(rows: readonly SourceRow[], { domain, selectors }: OwnSenders): boolean {
  const isOurs = ({ dkim }: SourceRow) =>
    dkim.some(
      (signature) =>
        signature.result.toLowerCase() === "pass" &&
        signature.domain === domain &&
        signature.selector !== null &&
        selectors.includes(signature.selector),
    );
  const total = rows.reduce((sum, { messages }) => sum + messages, 0);
  const signed = rows.reduce((sum, row) => sum + (isOurs(row) ? row.messages : 0), 0);
  return signed * 2 > total;
}
