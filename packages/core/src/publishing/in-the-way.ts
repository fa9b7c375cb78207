import type { RecordValue } from "./record-set.ts";

/** Types that stand beside an alias, because DNSSEC puts them there (RFC 4035 §2.5). */
const besideAliases = ["RRSIG", "NSEC", "DNSKEY"];
/** Types of which the values of somebody else send mail or people elsewhere; several of ours may stand together. */
const shareableTypes = ["A", "AAAA", "MX", "PTR", "SRV"];

/** Whether two values can stand together when both are ours. */
export function canShare(standing: RecordValue, wanted: RecordValue): boolean {
  return standing.type === wanted.type && shareableTypes.includes(wanted.type);
}

/**
 * Why a value cannot stay where another is wanted, as a sentence for the person who decides; null when both can stand
 * side by side.
 */
export function whyInTheWay(standing: RecordValue, wanted: RecordValue): string | null {
  if (standing.name !== wanted.name) return null;
  if (besideAliases.includes(standing.type)) return null;
  const { name, type, value } = standing;
  if (type === "CNAME" && wanted.type !== "CNAME")
    return `${name} is an alias (CNAME) of ${value}, which leaves no room for a ${wanted.type} record.`;
  if (wanted.type === "CNAME" && type !== "CNAME")
    return `${name} has a ${type} record (${value}), and an alias (CNAME) can only stand alone.`;
  if (type !== wanted.type || value === wanted.value) return null;
  if (type === "TXT") return whyTextInTheWay(standing, wanted);
  return type === "CNAME" || shareableTypes.includes(type) ? exclusiveSentence(standing) : null;
}

function exclusiveSentence({ name, type, value }: RecordValue): string {
  switch (type) {
    case "MX":
      return `Mail for ${name} also goes to ${value.split(" ")[1]}, by an MX record that Mailstead did not write.`;
    case "CNAME":
      return `${name} is an alias (CNAME) of ${value}, and a name can be an alias of one other only.`;
    case "SRV":
      return `The service ${name} also leads to ${value}, by an SRV record that Mailstead did not write.`;
    case "PTR":
      return `${name} leads back to ${value} too, and only one name can be right.`;
    default:
      return `${name} also leads to ${value}, by an address record that Mailstead did not write.`;
  }
}

function whyTextInTheWay(standing: RecordValue, wanted: RecordValue): string | null {
  const family = textFamily(wanted);
  if (family === null || textFamily(standing) !== family) return null;
  return family === "dkim"
    ? `Another TXT record stands at ${wanted.name} where the key belongs, and receivers then take neither.`
    : `Another ${family} record stands at ${wanted.name} (${standing.value}), and receivers then ignore both.`;
}

/** Whether a text is a key by its own word (RFC 6376 §3.6.1); behind an alias its name does not tell. */
export function isDkimKey(value: string): boolean {
  return /^\s*v\s*=\s*DKIM1\s*(;|$)/.test(value);
}

/**
 * Why a text may not stand where a key of ours does, as a sentence; null when it may. Whatever is wanted there, like a
 * challenge at the end of somebody's alias, it never costs a domain its signatures (RFC 6376 §3.6.2.2).
 */
export function whyKeyStays(key: RecordValue, wanted: RecordValue): string | null {
  const areTexts = key.type === "TXT" && wanted.type === "TXT" && key.name === wanted.name;
  return areTexts && isDkimKey(key.value) && !isDkimKey(wanted.value)
    ? `A DKIM key stands at ${key.name}, and another TXT record there would make signatures fail.`
    : null;
}

/** What a text is for, as far as only one of the kind may stand under a name; null for all other texts. */
function textFamily({ name, value }: RecordValue): string | null {
  // RFC 6376 §3.6.2.2: with more than one text at a selector the result is undefined.
  if (name.split(".")[1] === "_domainkey" || isDkimKey(value)) return "dkim";
  const version = /^\s*v\s*=\s*(spf1|dmarc1|stsv1|tlsrptv1|bimi1)(?=[\s;]|$)/i.exec(value)?.[1];
  const families = { spf1: "SPF", dmarc1: "DMARC", stsv1: "MTA-STS", tlsrptv1: "TLS-RPT", bimi1: "BIMI" };
  return version === undefined ? null : families[version.toLowerCase() as keyof typeof families];
}
