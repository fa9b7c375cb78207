/** Families as the material tells them apart: wider than our kinds, and the same for replies and bounces but for one. */
const families: Readonly<Record<string, string>> = {
  "auth-none": "authentication",
  "auth-spf": "authentication",
  "auth-dkim": "authentication",
  alignment: "authentication",
  "dmarc-missing": "authentication",
  "dmarc-policy": "authentication",
  "tls-failure": "tls-required",
  helo: "protocol",
  "ip-blocklist": "ip-reputation",
  "domain-blocklist": "domain-reputation",
  "rcpt-rate-limit": "rate-limit",
  "content-spam": "content",
  "content-virus": "content",
  expired: "connection",
};

/** The family of a kind of reply. */
export function replyFamilyOf(category: string): string {
  return category === "routing-loop" ? "protocol" : (families[category] ?? category);
}

/** The family of a kind of bounce, where a loop is a failure of the network. */
export function bounceFamilyOf(category: string): string {
  return category === "routing-loop" ? "connection" : (families[category] ?? category);
}
