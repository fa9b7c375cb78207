/** What a record is for; comparison understands each purpose, so that a stronger policy than ours is not called wrong. */
export type RecordPurpose =
  | "mx"
  | "spf"
  | "dkim"
  | "dmarc"
  | "host-address"
  | "host-spf"
  | "reverse"
  | "tlsa"
  | "acme-challenge";

export type RecordLevel = "required" | "recommended" | "optional";

/** One DNS record that ought to exist, with the words to explain it to the person who publishes it. */
export interface PlannedRecord {
  purpose: RecordPurpose;
  /** Absolute name without the final dot. */
  name: string;
  type: "A" | "AAAA" | "MX" | "TXT" | "PTR" | "TLSA";
  /** The value as one text; a TXT value is whole here, and split by `zoneFileLine`. */
  value: string;
  level: RecordLevel;
  /** Why the record is wanted, in a sentence. */
  reason: string;
  /** What happens to mail without it, in a sentence. */
  withoutIt: string;
  /** Who publishes it: the domain's DNS, the DNS of the server's own name, or the provider that rents out the address. */
  publishedAt: "domain-dns" | "host-dns" | "address-provider";
  /** Of an address: the domains whose mail does not leave from it, but through a smarthost. */
  relayedFor?: readonly string[];
}

// RFC 1035 §3.3: one character-string holds at most this many octets; longer values are sent as several.
const characterStringMax = 255;

/** Splits a TXT value into the character-strings that carry it; joining them gives the value back (RFC 7208 §3.3). */
export function characterStrings(value: string): string[] {
  const parts: string[] = [];
  for (let at = 0; at < value.length; at += characterStringMax)
    parts.push(value.slice(at, at + characterStringMax));
  return parts.length === 0 ? [""] : parts;
}

/** The record as a line of a BIND zone file (RFC 1035 §5.1), whole and ready to paste. */
export function zoneFileLine(record: PlannedRecord): string {
  return `${record.name}. IN ${record.type} ${zoneFileData(record)}`;
}

function zoneFileData(record: PlannedRecord): string {
  switch (record.type) {
    case "TXT":
      return characterStrings(record.value)
        .map((part) => `"${part.replace(/["\\]/g, "\\$&")}"`)
        .join(" ");
    case "MX":
    case "PTR":
      return `${record.value}.`;
    case "A":
    case "AAAA":
    case "TLSA":
      return record.value;
  }
}
