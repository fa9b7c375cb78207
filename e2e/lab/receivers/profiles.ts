import { receiverAddresses } from "../addresses.ts";
import type { RecordSet } from "../dns-client.ts";

export type ReceiverName = keyof typeof receiverAddresses;

/** A receiving mail system of the lab: who it plays and how the world finds it. */
export interface ReceiverProfile {
  readonly name: ReceiverName;
  /** Name in its banner, its MX records, its certificate and its PTR records. */
  readonly hostname: string;
  /** Domains whose mail it takes. */
  readonly domains: readonly string[];
  /** Names of its own in MX records of some of its domains, where that is not the hostname. */
  readonly exchanges?: Readonly<Record<string, string>>;
  /** Whether it publishes TLSA records, as those do whom it plays. */
  readonly hasTlsa?: boolean;
  /** False for those whom the world reaches over IPv4 only. It answers at its IPv6 address all the same. */
  readonly hasIpv6?: boolean;
  /** Zones that must exist for it; each of its names lies in one of them. */
  readonly zones: readonly string[];
}

export const dkimSelector = "lab";

/** The MX names are those of the real providers, because that is how a provider is recognised. */
export const receiverProfiles: readonly ReceiverProfile[] = [
  {
    name: "gmail",
    hostname: "gmail-smtp-in.l.google.com",
    domains: ["gmail.com", "googlemail.com"],
    zones: ["gmail.com", "googlemail.com", "google.com"],
  },
  {
    name: "outlook",
    hostname: "outlook-com.olc.protection.outlook.com",
    hasIpv6: false,
    domains: ["outlook.com", "hotmail.com"],
    zones: ["outlook.com", "hotmail.com"],
  },
  {
    name: "yahoo",
    hostname: "mta5.am0.yahoodns.net",
    hasIpv6: false,
    domains: ["yahoo.com"],
    zones: ["yahoo.com", "yahoodns.net"],
  },
  {
    name: "receiver",
    hostname: "mx.receiver.example",
    domains: ["receiver.example"],
    zones: ["receiver.example"],
    hasTlsa: true,
  },
  {
    name: "t-online",
    hostname: "mx00.t-online.de",
    hasIpv6: false,
    domains: ["t-online.de", "magenta.de"],
    zones: ["t-online.de", "magenta.de"],
  },
  {
    name: "gmx",
    hostname: "mx00.emig.gmx.net",
    hasIpv6: false,
    domains: ["gmx.de", "gmx.net", "web.de"],
    exchanges: { "web.de": "mx-ha02.web.de" },
    zones: ["gmx.de", "gmx.net", "web.de"],
    hasTlsa: true,
  },
];

/** All names under which a profile's mail host is found. */
export function hostNamesOf({ hostname, exchanges = {} }: ReceiverProfile): readonly string[] {
  return [hostname, ...Object.values(exchanges)];
}

/** The zone of a profile that holds this name. */
export function zoneOf(profile: ReceiverProfile, name: string): string {
  const zone = profile.zones.find((candidate) => name === candidate || name.endsWith(`.${candidate}`));
  return zone ?? name;
}

/** What the receiver's own domains publish: where mail goes, who sends for them, and with which key. */
export function receiverRecords(
  profile: ReceiverProfile,
  dkimPublicKey: string,
  tlsaDigest: string,
): { readonly zone: string; readonly set: RecordSet }[] {
  const { ipv4, ipv6 } = receiverAddresses[profile.name];
  const sets = hostNamesOf(profile).flatMap((name): { zone: string; set: RecordSet }[] => {
    const zone = zoneOf(profile, name);
    const tlsa = { name: `_25._tcp.${name}`, type: "TLSA", records: [`3 1 1 ${tlsaDigest}`] };
    return [
      { zone, set: { name, type: "A", records: [ipv4] } },
      ...(profile.hasIpv6 === false ? [] : [{ zone, set: { name, type: "AAAA", records: [ipv6] } }]),
      ...(profile.hasTlsa === true ? [{ zone, set: tlsa }] : []),
    ];
  });
  for (const domain of profile.domains) {
    const txt = (name: string, text: string): { zone: string; set: RecordSet } => ({
      zone: domain,
      set: { name, type: "TXT", records: [quoteText(text)] },
    });
    sets.push(
      { zone: domain, set: { name: domain, type: "MX", records: [`10 ${exchangeOf(profile, domain)}.`] } },
      txt(domain, `v=spf1 ip4:${ipv4} ip6:${ipv6} -all`),
      txt(`${dkimSelector}._domainkey.${domain}`, `v=DKIM1; k=rsa; p=${dkimPublicKey}`),
      txt(`_dmarc.${domain}`, "v=DMARC1; p=reject"),
    );
  }
  return sets;
}

function exchangeOf({ hostname, exchanges }: ReceiverProfile, domain: string): string {
  return exchanges?.[domain] ?? hostname;
}

/** A TXT record's content in zone file form, in strings of at most 255 octets (RFC 1035 §3.3). */
export function quoteText(text: string): string {
  const parts = text.match(/[\s\S]{1,255}/g) ?? [""];
  return parts.map((part) => `"${part.replace(/(["\\])/g, "\\$1")}"`).join(" ");
}
