import { type CheckFinding, expandIpv6, reverseName } from "../dns/index.ts";
import { type BlockListFindingKind, judgeListings } from "./block-lists.ts";
import { type CertificateFindingKind, judgeCertificate } from "./certificate-facts.ts";
import type { AddressFacts, HostCheckFacts, PortFacts } from "./host-facts.ts";
import { judgeAnsweringPort, judgeClosedPort, type OpenPortFindingKind, portAt } from "./judge-open-ports.ts";
import { judgeRoutes, type RouteFindingKind } from "./judge-routes.ts";
import { judgeServices, type ServiceFindingKind } from "./judge-services.ts";
import { judgeTls, type TlsFindingKind } from "./judge-tls.ts";
import { judgeUpkeep, type UpkeepFindingKind } from "./judge-upkeep.ts";

export type HostFindingKind =
  | CertificateFindingKind
  | "ptr-missing"
  | "ptr-differs"
  | "ptr-generic"
  | "ptr-unconfirmed"
  | "host-address-missing"
  | "prefer-ipv4"
  | "helo-differs"
  | "tls-missing"
  | "open-relay"
  | OpenPortFindingKind
  | UpkeepFindingKind
  | TlsFindingKind
  | ServiceFindingKind
  | BlockListFindingKind
  | RouteFindingKind;

type Finding = CheckFinding<HostFindingKind>;

/** Judges a server by what strangers see: its addresses lead back to the name that it says and that its certificate holds. */
export function judgeHost(facts: HostCheckFacts): Finding[] {
  return [
    ...facts.addresses.flatMap((address) => [
      ...reverseFindings(facts, address),
      ...forwardFindings(facts, address),
    ]),
    ...preferIpv4(facts),
    ...facts.addresses.flatMap((address) => portFindings(facts, address)),
    ...facts.tls.flatMap(({ where, facts: tls }) => judgeTls(tls, where)),
    ...judgeServices(facts),
    ...judgeListings(facts.listings),
    ...judgeRoutes(facts.routes ?? []),
    ...(facts.inside === null ? [] : judgeUpkeep(facts.inside, facts.checkedAt)),
  ];
}

const reverseFix =
  "Set the reverse name (PTR) of this address to the host name, at the provider that rents it out.";

function reverseFindings({ hostname }: HostCheckFacts, facts: AddressFacts): Finding[] {
  const { address, reverseNames, confirmedNames, askedFor } = facts;
  // Nobody could be asked: nothing is known, and nothing is wrong.
  if (reverseNames === null) return [];
  const about = address;
  const record = `${reverseName(address)}. IN PTR ${hostname}.`;
  const evidence = [`${askedFor} PTR ${reverseNames.join(", ") || "nothing"}`];
  if (reverseNames.length === 0)
    return [
      {
        kind: "ptr-missing",
        about,
        severity: "error",
        sentence: `The address ${address} leads back to no name.`,
        evidence,
        why: "Gmail, Outlook and many others refuse mail from an address without a reverse name.",
        fix: reverseFix,
        record,
      },
    ];
  const found: Finding[] = [];
  const isOwn = reverseNames.some((name) => sameName(name, hostname));
  if (!isOwn)
    found.push({
      kind: "ptr-differs",
      about,
      severity: "warning",
      sentence: `The address ${address} leads back to ${reverseNames.join(", ")} and not to ${hostname}, the name that the server says.`,
      evidence,
      why: "Receivers compare both names, and take a server that says another name than its address for a hacked home computer.",
      fix: reverseFix,
      record,
    });
  if (!isOwn && reverseNames.some((name) => isGeneric(name, address)))
    found.push({
      kind: "ptr-generic",
      about,
      severity: "error",
      sentence: `The reverse name of ${address} is the provider's own pattern.`,
      evidence,
      why: "Names with the address in them are how rented and home lines look by default; many receivers refuse mail from them.",
      fix: reverseFix,
      record,
    });
  if (confirmedNames.length === 0 && facts.isUnconfirmable !== true)
    found.push({
      kind: "ptr-unconfirmed",
      about,
      severity: "error",
      sentence: `None of the names that ${address} leads back to leads to ${address} again.`,
      evidence,
      why: "Anybody can give an address any name; only one that leads back counts (FCrDNS), and mail without it is refused.",
      fix: "Publish the address under the name that it leads back to, or change the reverse name.",
      record: `${reverseNames[0] ?? hostname}. IN ${typeOf(address)} ${address}`,
    });
  return found;
}

function forwardFindings(
  { hostname, forwardAddresses }: HostCheckFacts,
  { address }: AddressFacts,
): Finding[] {
  if (forwardAddresses === null || forwardAddresses.some((one) => sameAddress(one, address))) return [];
  return [
    {
      kind: "host-address-missing",
      about: address,
      severity: "error",
      sentence: `${hostname}, the name that the server says, does not lead to its address ${address}.`,
      evidence: [`${hostname} ${forwardAddresses.join(", ") || "has no address"}`],
      why: "Receivers look up the name that a server says, and refuse mail from an address that it does not name.",
      fix: "Publish the address under the host name.",
      record: `${hostname}. IN ${typeOf(address)} ${address}`,
    },
  ];
}

function preferIpv4({ ipFamilies, addresses, hostname }: HostCheckFacts): Finding[] {
  const isRight = ({ reverseNames, confirmedNames, isUnconfirmable }: AddressFacts) =>
    reverseNames === null ||
    isUnconfirmable === true ||
    confirmedNames.some((name) => sameName(name, hostname));
  const wrong = addresses.filter((one) => one.address.includes(":") && !isRight(one));
  const hasRightIpv4 = addresses.some((one) => !one.address.includes(":") && isRight(one));
  if (ipFamilies !== "dual" || wrong.length === 0 || !hasRightIpv4) return [];
  return [
    {
      kind: "prefer-ipv4",
      about: hostname,
      severity: "warning",
      sentence: `${hostname} sends over IPv6 although its IPv6 address does not lead back to it.`,
      evidence: wrong.map(
        ({ askedFor, reverseNames }) => `${askedFor} PTR ${reverseNames?.join(", ") || "nothing"}`,
      ),
      why: "Receivers are stricter with IPv6: Gmail refuses mail from an IPv6 address without a matching reverse name.",
      fix: "Set the reverse name of the IPv6 address; until then let the server send by IPv4 first, in its settings under IP families.",
    },
  ];
}

function portFindings(facts: HostCheckFacts, address: AddressFacts): Finding[] {
  if (!address.isReachableFromHere) return [];
  const isAllSilent = address.ports.every(({ kind }) => kind === "silent");
  const { hostname, inside } = facts;
  return address.ports.flatMap((port): Finding[] => {
    const where = portAt(address, port.port);
    const look = { hostname, where, address: address.address, listeners: inside?.listeners ?? null };
    if (port.kind !== "open") return [judgeClosedPort(look, port, { isAllSilent })];
    return [
      ...judgeAnsweringPort(look, port.port),
      ...heloFindings(facts, { where, port }),
      ...tlsFindings(facts, { where, port }),
      ...relayFindings(facts, { where, port }),
    ];
  });
}

interface OpenPort {
  where: string;
  port: Extract<PortFacts, { kind: "open" }>;
}

function heloFindings({ hostname }: HostCheckFacts, { where, port }: OpenPort): Finding[] {
  if (port.greetingName === null || sameName(port.greetingName, hostname)) return [];
  return [
    {
      kind: "helo-differs",
      about: where,
      severity: "warning",
      sentence: `The server on ${where} calls itself ${port.greetingName} and not ${hostname}.`,
      evidence: [`${where}: ${port.greetingName}`],
      why: "It says the same name when it sends, and receivers compare that name with the reverse name and the certificate.",
      fix: "Set the host name on the server's settings page, and apply it; or take an override of myhostname or smtpd_banner back.",
    },
  ];
}

function tlsFindings({ hostname, checkedAt }: HostCheckFacts, { where, port }: OpenPort): Finding[] {
  if (port.certificate !== null)
    return judgeCertificate(port.certificate, { name: hostname, shownAt: where, now: checkedAt });
  return [
    {
      kind: "tls-missing",
      about: where,
      severity: port.port === 25 ? "warning" : "error",
      sentence: `The server on ${where} offers no TLS.`,
      evidence: [`${where}: ${port.tlsProblem ?? "STARTTLS is not offered"}`],
      why: "Mail and passwords would travel in the clear; senders with MTA-STS or DANE do not deliver, and mail programs refuse.",
      fix: "Look at the TLS settings and the certificate of the server.",
    },
  ];
}

function relayFindings({ hostname }: HostCheckFacts, { where, port }: OpenPort): Finding[] {
  if (port.relayReply?.isAccepted !== true) return [];
  return [
    {
      kind: "open-relay",
      about: where,
      severity: "error",
      sentence: `${hostname} takes mail from strangers for strangers on ${where}: it is an open relay.`,
      evidence: [`${where}: ${port.relayReply.text}`],
      why: "Spammers find such a server within hours, and block lists take up its address for weeks.",
      fix: "Take overrides of smtpd_relay_restrictions and mynetworks back at once, and apply.",
    },
  ];
}

/** Whether a reverse name is made of the address, or of the words that providers use for lines that nobody named. */
export function isGeneric(name: string, address: string): boolean {
  const lower = name.toLowerCase();
  if (
    /(^|[.-])(dyn|dynamic|dynip|dhcp|pool|ppp|dsl|adsl|cable|cust|customer|broadband|dialup|unassigned|static|clients?|vps|vmi?)\d*([.-]|$)/.test(
      lower,
    )
  ) {
    const words = /(dyn|dhcp|pool|ppp|dsl|cable|broadband|dialup|unassigned)/.test(lower);
    if (words || digitsOf(address).some((digits) => lower.includes(digits))) return true;
  }
  if (address.includes(":")) return lower.replace(/[^0-9a-f]/g, "").includes(expandIpv6(address).slice(-16));
  const octets = address.split(".");
  const joined = [octets, [...octets].reverse()];
  return joined.some((parts) => new RegExp(`(^|[^0-9])0*${parts.join("[.-]0*")}([^0-9]|$)`).test(lower));
}

function digitsOf(address: string): string[] {
  const octets = address.split(".");
  return address.includes(":") ? [] : [octets.slice(2).join("-"), octets.slice(2).join("."), octets.join("")];
}

function sameName(left: string, right: string): boolean {
  return left.replace(/\.$/, "").toLowerCase() === right.replace(/\.$/, "").toLowerCase();
}

function sameAddress(left: string, right: string): boolean {
  if (left.includes(":") !== right.includes(":")) return false;
  return left.includes(":") ? expandIpv6(left) === expandIpv6(right) : left === right;
}

function typeOf(address: string): "A" | "AAAA" {
  return address.includes(":") ? "AAAA" : "A";
}
