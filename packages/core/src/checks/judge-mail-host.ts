import type { CheckFinding } from "../dns/index.ts";
import { judgeCertificate } from "./certificate-facts.ts";
import type { AddressFacts, PortFacts } from "./host-facts.ts";

export type MailHostFindingKind =
  | "mx-host-unfound"
  | "mx-host-alias"
  | "mx-host-reverse"
  | "mx-host-closed"
  | "mx-host-tls"
  | "mx-host-certificate";

type Finding = CheckFinding<MailHostFindingKind>;

/** A mail host of somebody else that a domain names, as a sender meets it. */
export interface MailHostFacts {
  hostname: string;
  /** The name that it is an alias of. */
  aliasOf: string | null;
  /** Its addresses; null when nobody could be asked, empty when it has none that the world can reach. */
  addresses: readonly Omit<AddressFacts, "askedFor">[] | null;
}

export interface MailHostSight {
  domain: string;
  /** What the domain's MX record for a host has before its name. */
  preferenceOf: (hostname: string) => number;
  now: Date;
  /** Whether anybody's port 25 is known to be open to this machine: many providers let none out. */
  canReachPort25: boolean;
}

/** Judges a mail host that we do not look after. What is wrong with it is for its owner to put right, or for the MX. */
export function judgeMailHost(facts: MailHostFacts, sight: MailHostSight): Finding[] {
  const { hostname, aliasOf, addresses } = facts;
  const { domain } = sight;
  const mx = `${domain} MX ${hostname}`;
  const found: Finding[] = [];
  if (aliasOf !== null)
    found.push({
      kind: "mx-host-alias",
      about: hostname,
      severity: "warning",
      sentence: `${hostname}, an MX of ${domain}, is only an alias (CNAME) of ${aliasOf}.`,
      evidence: [mx, `${hostname} CNAME ${aliasOf}`],
      why: "An MX must name a host itself (RFC 2181 §10.3), and some senders refuse to follow the alias.",
      fix: `Name ${aliasOf} in the MX record, or have its owner publish addresses in place of the alias.`,
      record: `${domain}. IN MX ${sight.preferenceOf(hostname)} ${aliasOf}.`,
    });
  if (addresses?.length === 0)
    found.push({
      kind: "mx-host-unfound",
      about: hostname,
      severity: "warning",
      sentence: `${hostname}, an MX of ${domain}, has no address that the world can reach.`,
      evidence: [mx, `${hostname} A, AAAA: none that is public`],
      why: "Senders that choose it deliver nothing, and try the others later or never.",
      fix: "Take the MX record out, or have the owner of the name publish its addresses.",
    });
  return [
    ...found,
    ...(addresses ?? []).flatMap((address) => [
      ...reverseFindings(hostname, address),
      ...address.ports.flatMap((port) => portFindings({ hostname, address: address.address, port }, sight)),
    ]),
  ];
}

/**
 * What a finding at one address of a host is about: the host by that family. Large providers show other addresses each
 * day, and a finding that came and went with them would be told each day anew.
 */
export function placeOnMailHost(hostname: string, address: string): string {
  return `${hostname} ${address.includes(":") ? "IPv6" : "IPv4"}`;
}

function reverseFindings(
  hostname: string,
  { address, reverseNames, confirmedNames, isUnconfirmable }: Omit<AddressFacts, "askedFor">,
): Finding[] {
  if (reverseNames === null || isUnconfirmable === true || confirmedNames.length > 0) return [];
  return [
    {
      kind: "mx-host-reverse",
      about: placeOnMailHost(hostname, address),
      severity: "instruction",
      sentence:
        reverseNames.length === 0
          ? `The address ${address} of ${hostname} leads back to no name.`
          : `The address ${address} of ${hostname} leads back to ${reverseNames.join(", ")}, which does not lead to it again.`,
      evidence: [`${address} PTR ${reverseNames.join(", ") || "nothing"}`],
      why: "What that host sends, bounces and what it hands on among it, is refused by many (FCrDNS).",
      fix: `Tell whoever runs ${hostname}: the reverse name is set by the provider of the address.`,
    },
  ];
}

interface Port {
  hostname: string;
  address: string;
  port: PortFacts;
}

function portFindings({ hostname, address, port }: Port, sight: MailHostSight): Finding[] {
  const where = `${address.includes(":") ? `[${address}]` : address}:${port.port}`;
  const about = placeOnMailHost(hostname, address);
  if (port.kind !== "open") {
    if (port.kind === "silent" && !sight.canReachPort25) return [];
    return [
      {
        kind: "mx-host-closed",
        about,
        severity: "warning",
        sentence: `${hostname}, an MX of ${sight.domain}, takes no mail on ${where}: ${port.kind === "refused" ? "the connection is refused" : "nothing answers"}.`,
        evidence: [`${where}: ${port.problem}`],
        why: "Senders that choose it wait and try another, and where there is none the mail comes back after days.",
        fix: `Ask whoever runs ${hostname} whether it still takes mail for ${sight.domain}; if not, take the MX record out.`,
      },
    ];
  }
  // Who is not to send mail, as most machines are not, learns nothing of how senders are met.
  if (port.isTurnedAway === true) return [];
  if (port.certificate === null)
    return [
      {
        kind: "mx-host-tls",
        about,
        severity: "warning",
        sentence: `${hostname}, an MX of ${sight.domain}, offers no TLS on ${where}.`,
        evidence: [`${where}: ${port.tlsProblem ?? "STARTTLS is not offered"}`],
        why: "Mail for the domain travels to it in the clear, and senders with MTA-STS or DANE do not deliver.",
        fix: `Ask whoever runs ${hostname} to offer STARTTLS, or take the MX record out.`,
      },
    ];
  const judged = judgeCertificate(port.certificate, { name: hostname, shownAt: where, now: sight.now });
  return judged.length === 0
    ? []
    : [
        {
          kind: "mx-host-certificate",
          about,
          severity: "instruction",
          sentence: `The certificate of ${hostname}, an MX of ${sight.domain}, does not hold: ${judged.map(({ sentence }) => sentence).join(" ")}`,
          evidence: [...new Set(judged.flatMap(({ evidence }) => evidence))],
          why: "Senders that verify do not deliver there; MTA-STS cannot be enforced for the domain.",
          fix: `Ask whoever runs ${hostname} for a certificate of a public authority that names it.`,
        },
      ];
}
