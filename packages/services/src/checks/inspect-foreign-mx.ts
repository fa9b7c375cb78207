import { judgeMailHost, type MailHostFacts, placeOnMailHost } from "@mailstead/core/checks";
import { parseMx, reverseName } from "@mailstead/core/dns";
import { isPublicAddress } from "@mailstead/core/servers";
import type { DnsView, Inspected } from "../dns/index.ts";
import { confirmedBy } from "./confirmed-names.ts";
import { probeMailPort } from "./probe-mail-port.ts";

/** How mail hosts of others are met; other values than these only in tests. */
export interface MeetingMailHosts {
  probeName: string;
  listensOn?: number;
  ca?: string;
  /** Whether an address may be connected to: whoever owns a domain could lead us into our own network. */
  isAllowed?: (address: string) => boolean;
}

// More MX hosts than these are nobody's who wants mail; large providers name five.
const hostsMax = 8;
/** Of each family one address stands for the host: it is not ours to knock everywhere. */
const families = ["A", "AAAA"] as const;

const kinds = [
  "mx-host-unfound",
  "mx-host-alias",
  "mx-host-reverse",
  "mx-host-closed",
  "mx-host-tls",
  "mx-host-certificate",
] as const;

/**
 * Meets the mail hosts of a domain that are not `ours` as a sender does: their addresses, reverse names, port 25 and
 * what TLS shows there. Sends no message and tries nothing else. Each host is met once by all checks that share what
 * they heard.
 */
export async function inspectForeignMx(
  domain: string,
  {
    view,
    now,
    ours,
    meeting,
    canReachPort25,
  }: {
    view: DnsView;
    now: Date;
    ours: readonly string[];
    meeting: MeetingMailHosts;
    /** Asked only when a host was silent. */
    canReachPort25: () => Promise<boolean>;
  },
): Promise<Inspected> {
  const mx = await view.answer({ name: domain, type: "MX" });
  if (mx.kind === "failed") return { findings: [], unasked: kinds };
  const named = mx.kind === "none" ? [] : inOrder(mx.values).map(parseMx);
  const hosts = [...new Set(named.map(({ host }) => host))]
    .filter((host) => host !== "" && !ours.includes(host))
    .slice(0, hostsMax);
  if (hosts.length === 0) return { findings: [], unasked: [] };
  const met = await Promise.all(
    hosts.map((host) => view.rememberHost(host, () => meetMailHost(host, { view, meeting }))),
  );
  const isSilent = ({ addresses }: MailHostFacts) =>
    (addresses ?? []).some(({ ports }) => ports.some(({ kind }) => kind === "silent"));
  const sight = {
    domain,
    now,
    preferenceOf: (hostname: string) => named.find(({ host }) => host === hostname)?.preference ?? 10,
    canReachPort25: met.some(isSilent) && (await canReachPort25()),
  };
  return {
    findings: met.flatMap((facts) => judgeMailHost(facts, sight)),
    unasked: met.flatMap((facts) => unaskedOf(facts, sight.canReachPort25)),
  };
}

/** Whoever could not be asked or reached opens and closes nothing, of whatever kind. */
function unaskedOf({ hostname, addresses }: MailHostFacts, canReachPort25: boolean): string[] {
  const name = hostname.toLowerCase();
  if (addresses === null) return kinds.map((kind) => `${kind} ${name}`);
  return addresses.flatMap(({ address, reverseNames, isUnconfirmable, ports }) => {
    const isUnmet =
      ports.length === 0 ||
      ports.some((port) =>
        port.kind === "open" ? port.isTurnedAway === true : port.kind === "silent" && !canReachPort25,
      );
    const about = placeOnMailHost(name, address).toLowerCase();
    return [
      ...(reverseNames === null || isUnconfirmable === true ? [`mx-host-reverse ${about}`] : []),
      ...(isUnmet
        ? (["mx-host-closed", "mx-host-tls", "mx-host-certificate"] as const).map(
            (kind) => `${kind} ${about}`,
          )
        : []),
    ];
  });
}

/** Answers come in another order each time, and what is looked at is to be the same. */
function inOrder(values: readonly string[]): string[] {
  return [...values].sort();
}

async function meetMailHost(
  hostname: string,
  { view, meeting }: { view: DnsView; meeting: MeetingMailHosts },
): Promise<MailHostFacts> {
  const { isAllowed = isPublicAddress } = meeting;
  const [alias, ...answers] = await Promise.all(
    (["CNAME", ...families] as const).map((type) => view.answer({ name: hostname, type })),
  );
  const isUnasked = answers.some(({ kind }) => kind === "failed");
  const firstOfEach = answers.flatMap((answer) =>
    answer.kind === "found" ? inOrder(answer.values.filter(isAllowed)).slice(0, 1) : [],
  );
  return {
    hostname,
    aliasOf: alias?.kind === "found" ? (alias.values[0]?.replace(/\.$/, "") ?? null) : null,
    addresses: isUnasked
      ? null
      : await Promise.all(firstOfEach.map((address) => meetAddress(address, { hostname, view, meeting }))),
  };
}

async function meetAddress(
  address: string,
  { hostname, view, meeting }: { hostname: string; view: DnsView; meeting: MeetingMailHosts },
): Promise<NonNullable<MailHostFacts["addresses"]>[number]> {
  const { probeName, listensOn = 25, ca } = meeting;
  const [reverse, port] = await Promise.all([
    view.answer({ name: reverseName(address), type: "PTR" }),
    probeMailPort({
      address,
      port: 25,
      listensOn,
      hostname,
      probeName,
      isForeign: true,
      ...(ca === undefined ? {} : { ca }),
    }),
  ]);
  const isReachableFromHere = !("isWithoutRoute" in port && port.isWithoutRoute);
  return {
    address,
    ...(await confirmedBy(reverse, { address, view })),
    isReachableFromHere,
    ports: isReachableFromHere ? [port] : [],
  };
}
