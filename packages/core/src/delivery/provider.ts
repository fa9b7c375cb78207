/** Who receives mail at many domains, told by the name of the host that took or refused it. */
export const providers = {
  gmail: { title: "Gmail", hosts: ["google.com", "googlemail.com"] },
  outlook: { title: "Outlook.com", hosts: ["olc.protection.outlook.com", "hotmail.com"] },
  microsoft365: {
    title: "Microsoft 365",
    hosts: ["mail.protection.outlook.com", "mail.eo.outlook.com", "mx.microsoft"],
  },
  yahoo: { title: "Yahoo", hosts: ["yahoodns.net", "yahoo.com", "aol.com"] },
  apple: { title: "iCloud", hosts: ["mail.icloud.com", "icloud.com", "me.com"] },
  gmx: {
    title: "GMX/WEB.DE",
    hosts: ["gmx.net", "gmx.com", "web.de", "mail.com", "1and1.com", "kundenserver.de"],
  },
  "t-online": { title: "Telekom (T-Online)", hosts: ["t-online.de"] },
  orange: { title: "Orange", hosts: ["orange.fr", "wanadoo.fr"] },
  comcast: { title: "Comcast", hosts: ["comcast.net"] },
  cox: { title: "Cox", hosts: ["cox.net"] },
  spectrum: { title: "Spectrum", hosts: ["charter.net", "rr.com", "spectrum.com"] },
  "mail-ru": { title: "Mail.ru", hosts: ["mail.ru"] },
  yandex: { title: "Yandex", hosts: ["yandex.ru", "yandex.net"] },
  proton: { title: "Proton", hosts: ["protonmail.ch"] },
  fastmail: { title: "Fastmail", hosts: ["messagingengine.com"] },
  mimecast: { title: "Mimecast", hosts: ["mimecast.com"] },
  proofpoint: { title: "Proofpoint", hosts: ["pphosted.com", "ppe-hosted.com"] },
  barracuda: { title: "Barracuda", hosts: ["barracudanetworks.com"] },
} as const satisfies Record<string, { title: string; hosts: readonly string[] }>;

/** A receiver that many domains share. */
export type ProviderId = keyof typeof providers;

const idOfSuffix: ReadonlyMap<string, ProviderId> = new Map(
  Object.entries(providers).flatMap(([id, { hosts }]) =>
    hosts.map((host) => [host, id as ProviderId] as const),
  ),
);

// A host sends to the same few again and again.
const knownHostsMax = 200;
const hostNameMax = 253;
const knownHosts = new Map<string, ProviderId | null>();

/**
 * The provider behind a mail host, by its name (not by the recipient's domain: a company's own domain may be
 * received by Gmail). Null for a host that receives for itself.
 */
export function providerOfHost(hostname: string): ProviderId | null {
  const there = knownHosts.get(hostname);
  if (there !== undefined) return there;
  const id = findProvider(hostname);
  if (hostname.length <= hostNameMax) {
    if (knownHosts.size >= knownHostsMax) knownHosts.clear();
    knownHosts.set(hostname, id);
  }
  return id;
}

function findProvider(hostname: string): ProviderId | null {
  let name = hostname.toLowerCase();
  if (name.endsWith(".")) name = name.slice(0, -1);
  // The longest name first, as it is the closest: Outlook.com's hosts end as those of Microsoft 365 do.
  for (;;) {
    const id = idOfSuffix.get(name);
    if (id !== undefined) return id;
    const dot = name.indexOf(".");
    if (dot < 0) return null;
    name = name.slice(dot + 1);
  }
}

/** The provider that an id stands for; null for an id that this version does not know, whose mail counts among the others. */
export function readProvider(id: string): ProviderId | null {
  return Object.hasOwn(providers, id) ? (id as ProviderId) : null;
}
