import type { CheckFinding } from "../dns/index.ts";
import { type CertificateFindingKind, judgeCertificate } from "./certificate-facts.ts";
import type { HostCheckFacts } from "./host-facts.ts";
import { evidenceOfRecords } from "./shown-records.ts";

export type ServiceFindingKind =
  | "role-address-refused"
  | "tlsa-mismatch"
  | "web-closed"
  | "web-imprint"
  | CertificateFindingKind;

type Finding = CheckFinding<ServiceFindingKind>;

/** Judges what a host does for the names that it carries: whom it takes mail for, what it proves, what page it shows. */
export function judgeServices(facts: HostCheckFacts): Finding[] {
  return [...roleFindings(facts), ...tlsaFindings(facts), ...pageFindings(facts)];
}

/** The addresses that every domain must have (RFC 2142 §4, RFC 5321 §4.5.1). */
export function roleAddressesOf(domain: string, { isZoneOurs = false } = {}): string[] {
  // The SOA record that Mailstead writes names hostmaster as whom to write to about the zone (RFC 2142 §7).
  const names = ["postmaster", "abuse", ...(isZoneOurs ? ["hostmaster"] : [])];
  return names.map((name) => `${name}@${domain}`);
}

/** So many are asked in one session, as a sender of a list would ask. */
const domainsAtOnceMax = 25;
const dayMs = 86_400_000;

/** The domains whose addresses are asked for today; with more than fit into a session the days take turns. */
export function pickRoleDomains(domains: readonly string[], now: Date): string[] {
  if (domains.length <= domainsAtOnceMax) return [...domains];
  const turn = Math.floor(now.getTime() / dayMs) % Math.ceil(domains.length / domainsAtOnceMax);
  return domains.slice(turn * domainsAtOnceMax, (turn + 1) * domainsAtOnceMax);
}

const roleReasons: Readonly<Record<string, string>> = {
  postmaster: "Every domain that takes mail must have it (RFC 5321 §4.5.1), and others report trouble there.",
  abuse: "Complaints about mail go there (RFC 2142); who cannot be reached is put on block lists sooner.",
  hostmaster:
    "The SOA record of the zone names it (RFC 2142 §7), and others report trouble with the DNS there.",
};

function roleFindings({ addresses }: HostCheckFacts): Finding[] {
  const replies = addresses.flatMap(({ address, ports }) =>
    ports.flatMap((port) =>
      port.kind === "open" ? port.recipients.map((reply) => ({ ...reply, by: address })) : [],
    ),
  );
  const refused = replies.filter(({ kind }) => kind === "refused");
  return [...new Set(refused.map(({ address }) => address))].map((address) => {
    const [name = "", domain = ""] = address.split("@");
    return {
      kind: "role-address-refused",
      about: address,
      severity: "warning",
      sentence: `Mail to ${address} is refused.`,
      evidence: refused
        .filter((one) => one.address === address)
        .map(({ by, text }) => `${by}: RCPT TO:<${address}> ${text}`),
      why: roleReasons[name] ?? "",
      fix: `Make ${name} in ${domain} an alias of a mailbox that somebody reads, or set a postmaster in the server's settings.`,
    };
  });
}

/** Forms of TLSA that name the host's own key or certificate by its SHA-256 (RFC 6698 §2.1). */
const knownForms = [
  { form: /^3 1 1 /, of: "ofKey" },
  { form: /^3 0 1 /, of: "ofCertificate" },
] as const;

function tlsaFindings({ hostname, addresses, tlsa }: HostCheckFacts): Finding[] {
  if (tlsa === null || tlsa.values.length === 0) return [];
  const values = tlsa.values.map((value) => value.trim().toLowerCase());
  // A record of another form may fit, so nothing can be said.
  if (!values.every((value) => knownForms.some(({ form }) => form.test(value)))) return [];
  const shown = addresses.flatMap(({ address, ports }) =>
    ports.flatMap((port) => {
      const digests = port.kind === "open" && port.port === 25 ? port.certificate?.digests : null;
      return digests == null ? [] : [{ address, digests }];
    }),
  );
  return shown
    .filter(
      ({ digests }) =>
        !values.some((value) =>
          knownForms.some(
            ({ form, of }) => form.test(value) && value.endsWith(` ${digests[of].toLowerCase()}`),
          ),
        ),
    )
    .map(({ address, digests }) => ({
      kind: "tlsa-mismatch",
      about: address,
      severity: "error",
      sentence: `No TLSA record of ${hostname} fits the certificate that ${address} shows.`,
      evidence: [...evidenceOfRecords(tlsa, tlsa.values), `${address}: SHA-256 of its key ${digests.ofKey}`],
      why: "In a signed zone mail servers that go by DANE deliver nothing.",
      fix: "Publish a record for the key that is in use, and take away those that fit no key of the host.",
      record: `_25._tcp.${hostname}. IN TLSA 3 1 1 ${digests.ofKey}`,
    }));
}

function pageFindings({ hostname, page, checkedAt }: HostCheckFacts): Finding[] {
  if (page === null) return [];
  const { where, certificate, problem } = page;
  if (certificate === null)
    return [
      {
        kind: "web-closed",
        about: where,
        severity: "warning",
        sentence: `${where} shows no page: ${problem ?? "nothing answers"}.`,
        evidence: [`${where}: ${problem ?? "nothing answers"}`],
        why: "Mail programs find no settings there, MTA-STS policies cannot be read, and certificates by HTTP-01 are not renewed.",
        fix: "Open ports 80 and 443 in the server's firewall and at its provider, and look whether nginx runs.",
      },
    ];
  const imprint: Finding[] =
    page.namesResponsible === false
      ? [
          {
            kind: "web-imprint",
            about: where,
            severity: "instruction",
            sentence: `The page at ${where} does not say who is responsible for the server.`,
            evidence: [`${where}: no imprint was found in the page`],
            why: "T-Online refuses mail of servers whose host name has no page with an imprint, name and address.",
            fix: "Fill in the imprint in the server's settings, and apply.",
          },
        ]
      : [];
  return [...judgeCertificate(certificate, { name: hostname, shownAt: where, now: checkedAt }), ...imprint];
}
