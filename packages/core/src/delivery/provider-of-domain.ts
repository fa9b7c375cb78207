import type { ProviderId } from "./provider.ts";

// Domains under which anybody can have a mailbox, so that a name alone tells who keeps it. Companies' own domains are
// told by their mail hosts only.
const domainsOf: Partial<Record<ProviderId, readonly string[]>> = {
  gmail: ["gmail.com", "googlemail.com"],
  outlook: ["outlook.*", "hotmail.*", "live.*", "msn.com", "windowslive.com", "passport.com"],
  yahoo: [
    "yahoo.*",
    "ymail.com",
    "rocketmail.com",
    "myyahoo.com",
    "aol.*",
    "aim.com",
    "netscape.net",
    "verizon.net",
  ],
  apple: ["icloud.com", "me.com", "mac.com"],
  gmx: ["gmx.*", "web.de", "mail.com", "email.com"],
  "t-online": ["t-online.de", "magenta.de"],
  orange: ["orange.fr", "wanadoo.fr"],
  comcast: ["comcast.net"],
  cox: ["cox.net"],
  spectrum: ["charter.net", "rr.com", "spectrum.net", "roadrunner.com"],
  "mail-ru": ["mail.ru", "bk.ru", "inbox.ru", "list.ru", "internet.ru"],
  yandex: ["yandex.*", "ya.ru"],
  proton: ["proton.me", "protonmail.com", "protonmail.ch", "pm.me"],
  fastmail: ["fastmail.com", "fastmail.fm"],
};

const wholeNames = new Map<string, ProviderId>();
/** Names that a provider has under the top-level domain of each country. */
const firstLabels = new Map<string, ProviderId>();
for (const [id, names] of Object.entries(domainsOf))
  for (const name of names)
    if (name.endsWith(".*")) firstLabels.set(name.slice(0, -2), id as ProviderId);
    else wholeNames.set(name, id as ProviderId);

/** The country's part of `yahoo.co.uk`, `hotmail.fr` or `outlook.com.br`. */
const countryPart = /^(com|net|[a-z]{2}|com?\.[a-z]{2})$/;

/** The provider that keeps the mailboxes of a domain, where its name alone tells; null for all others. */
export function providerOfDomain(domain: string): ProviderId | null {
  const name = domain.toLowerCase().replace(/\.$/, "");
  const whole = wholeNames.get(name);
  if (whole !== undefined) return whole;
  const dot = name.indexOf(".");
  return countryPart.test(name.slice(dot + 1)) ? (firstLabels.get(name.slice(0, dot)) ?? null) : null;
}
