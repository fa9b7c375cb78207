export interface SpfSender {
  /** Where the record stands. */
  name: string;
  /** Who sends in this name: its MX hosts, or the host itself. */
  sendsBy: "mx" | "a";
}

/**
 * Says why the SPF records at a name do not let its senders send, "missing" when there is none, or null when they do.
 * Reads the terms that stand in the record itself; what an include brings is not followed here.
 */
export function spfProblem({ name, sendsBy }: SpfSender, values: readonly string[]): string | null {
  const records = values.filter((value) => /^v=spf1( |$)/i.test(value));
  if (records.length === 0) return "missing";
  // RFC 7208 §4.5: more than one record is a permanent error for every message.
  if (records.length > 1) return "two SPF records are published, which makes SPF fail for every message";
  const terms = (records[0] ?? "")
    .trim()
    .split(/\s+/)
    .slice(1)
    .map((term) => term.toLowerCase());
  const permissive = terms.find((term) => term === "+all" || term === "all");
  if (permissive !== undefined) return `"${permissive}" lets the whole world send in this domain's name`;
  const mechanisms = terms.map((term) => term.replace(/^\+/, ""));
  const permits = mechanisms.some((term) => term === sendsBy || term === `${sendsBy}:${name}`);
  if (!permits && !mechanisms.some((term) => mayPermit[sendsBy].test(term)))
    return "the SPF record names no server that may send, so this server's mail fails";
  if (!terms.some((term) => /^[-~?]all$/.test(term) || term.startsWith("redirect=")))
    return 'the SPF record does not end with "-all" or "~all", so it protects nothing';
  return null;
}

/** Terms that lead elsewhere and may well permit the sender. A host without an MX record is not its own MX. */
const mayPermit = {
  mx: /^(a|ip4|ip6|include|exists|redirect)([:=/]|$)/,
  a: /^(a[:/]|mx:|ip4|ip6|include|exists|redirect)/,
};
