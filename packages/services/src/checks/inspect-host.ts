import {
  type AddressFacts,
  type HostCheckFacts,
  type HostInside,
  type HostPage,
  type MailPort,
  mailPorts,
  type PortFacts,
  pickRoleDomains,
  roleAddressesOf,
  type ShownRecords,
  subjectsOfAddress,
} from "@mailstead/core/checks";
import { reverseName } from "@mailstead/core/dns";
import type { StackSettings } from "@mailstead/core/servers";
import type { OutsideSources } from "../context/index.ts";
import { askBlockLists, type DnsView, fetchPage, type PageFetching } from "../dns/index.ts";
import { askRoutes } from "./ask-routes.ts";
import { addressesOf, confirmedBy } from "./confirmed-names.ts";
import { type MailPortAddress, openBeforeTls, probeMailPort } from "./probe-mail-port.ts";
import { probeTls } from "./probe-tls.ts";

export interface HostToInspect {
  hostname: string;
  addresses: readonly string[];
  ipFamilies: StackSettings["ipFamilies"];
  /** False before the stack is installed: then no port is looked at. */
  hasMail: boolean;
  /** The domains that it takes mail for. */
  domains: readonly string[];
  /** Those of them whose zone this installation serves. */
  ownZones?: readonly string[];
  /** Whether it serves the web, and what it says about who is responsible; null when it serves none. */
  web: { imprint: string | null } | null;
  /** What its agent tells of the host itself; null while it has no connection. */
  inside: HostInside | null;
}

/** How the ports are looked at; other values than these only in tests. */
export interface Looking {
  listensOn: (port: MailPort) => number;
  probeName: string;
  ca?: string;
  /** How the page at the host name is fetched; left out, as anybody would. */
  page?: PageFetching;
}

/** Looks at a server as receivers and mail programs meet it. Throws DnsQueryError when the resolver is silent. */
export async function inspectHost(
  host: HostToInspect,
  {
    view,
    now,
    looking,
    sources = {},
    before = null,
  }: {
    view: DnsView;
    now: Date;
    looking: Looking;
    sources?: OutsideSources;
    /** What the check before heard of registers, which are not asked again too soon. */
    before?: Pick<HostCheckFacts, "routes" | "listings"> | null;
  },
): Promise<HostCheckFacts> {
  const { blockLists, rpkiUrl } = sources;
  const recipients = pickRoleDomains(host.domains, now).flatMap((domain) =>
    roleAddressesOf(domain, { isZoneOurs: host.ownZones?.includes(domain) === true }),
  );
  const [forwardAddresses, tlsa, page, listings, routes, addresses] = await Promise.all([
    addressesOf(host.hostname, view),
    host.hasMail ? tlsaOf(host.hostname, view) : null,
    host.web === null ? null : inspectPage(host, looking),
    askBlockLists(host.addresses.flatMap(subjectsOfAddress), {
      zones: blockLists,
      view,
      now,
      before: before?.listings,
    }),
    rpkiUrl === undefined ? null : askRoutes(host.addresses, { rpkiUrl, before: before?.routes ?? [], now }),
    Promise.all(
      host.addresses.map((address) => inspectAddress(address, { host, view, looking, recipients })),
    ),
  ]);
  const tls = await Promise.all(mailPorts.map((port) => inspectTls(port, { host, addresses, looking })));
  return {
    hostname: host.hostname,
    ipFamilies: host.ipFamilies,
    checkedAt: now,
    forwardAddresses,
    addresses,
    tls: tls.filter((one) => one !== null),
    tlsa,
    page,
    listings,
    routes,
    inside: host.inside,
  };
}

/** The daemon is one for all addresses, so one of them tells what it takes. */
async function inspectTls(
  port: MailPort,
  { host, addresses, looking }: { host: HostToInspect; addresses: readonly AddressFacts[]; looking: Looking },
): Promise<HostCheckFacts["tls"][number] | null> {
  const open = addresses.find(({ ports }) =>
    ports.some((one) => one.port === port && one.kind === "open" && one.certificate !== null),
  );
  if (open === undefined) return null;
  const target = targetAt({ address: open.address, port }, { host, looking });
  const facts = await probeTls({
    open: () => openBeforeTls(target),
    hostname: host.hostname,
    // Behind STARTTLS the server waits for the client to speak first (RFC 3207 §4.2).
    firstLine: port === 25 || port === 587 ? `EHLO ${looking.probeName}` : null,
  });
  return { where: `${bracketed(open.address)}:${port}`, facts };
}

function targetAt(
  { address, port }: { address: string; port: MailPort },
  { host, looking }: { host: HostToInspect; looking: Looking },
): MailPortAddress {
  const { probeName, ca, listensOn } = looking;
  const target = { address, port, listensOn: listensOn(port), hostname: host.hostname, probeName };
  return ca === undefined ? target : { ...target, ca };
}

async function tlsaOf(hostname: string, view: DnsView): Promise<ShownRecords | null> {
  const name = `_25._tcp.${hostname}`;
  const answer = await view.answerOfAuthorities({ name, type: "TLSA" });
  if (answer.kind === "failed") return null;
  const values = answer.kind === "found" ? answer.values : [];
  return { name, type: "TLSA", values, saidBy: "its own name servers" };
}

// A page that only says who is responsible has no need of more.
const pageSizeMaxBytes = 262_144;

async function inspectPage(host: HostToInspect, looking: Looking): Promise<HostPage | null> {
  const fetched = await fetchPage(
    {
      host: host.hostname,
      path: "/",
      addresses: host.addresses,
      sizeMaxBytes: pageSizeMaxBytes,
      mustBeTrusted: false,
    },
    looking.page,
  );
  const where = `https://${host.hostname}/`;
  if (fetched.kind === "failed") {
    const isOurs = fetched.isUnaskable === true || host.addresses.length === 0;
    return isOurs ? null : { where, certificate: null, problem: fetched.problem, namesResponsible: null };
  }
  const { status, text, certificate } = fetched;
  if (status !== 200)
    return { where, certificate, problem: `the status is ${status}`, namesResponsible: null };
  const namesResponsible = (host.web?.imprint ?? null) !== null || /imprint|impressum/i.test(text);
  return { where, certificate, problem: null, namesResponsible };
}

async function inspectAddress(
  address: string,
  {
    host,
    view,
    looking,
    recipients,
  }: { host: HostToInspect; view: DnsView; looking: Looking; recipients: readonly string[] },
): Promise<AddressFacts> {
  const askedFor = reverseName(address);
  const [reverse, probed] = await Promise.all([
    view.answerOfAuthorities({ name: askedFor, type: "PTR" }),
    Promise.all(
      (host.hasMail ? mailPorts : []).map((port) => {
        const target = targetAt({ address, port }, { host, looking });
        return probeMailPort({ ...target, recipients });
      }),
    ),
  ]);
  return {
    address,
    askedFor,
    ...(await confirmedBy(reverse, { address, view })),
    isReachableFromHere: !probed.some((port) => "isWithoutRoute" in port && port.isWithoutRoute),
    ports: probed.map(
      (port): PortFacts =>
        port.kind === "open" ? port : { port: port.port, kind: port.kind, problem: port.problem },
    ),
  };
}

function bracketed(address: string): string {
  return address.includes(":") ? `[${address}]` : address;
}
