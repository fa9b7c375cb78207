/** Who has to act so that the next message gets through. */
export type FixOwner = "us-configuration" | "us-behaviour" | "them" | "recipient" | "server-provider";

/**
 * What a sender does with the same message now: try again as usual, try again slower, stop until somebody has acted,
 * or never write to this recipient again.
 */
export type RetryClass = "retry" | "slow-down" | "stop" | "suppress";

/** How much harm a reply of this kind tells of. `normal` is part of every healthy day. */
export type ReplySeverity = "normal" | "minor" | "major" | "critical";

/** What is known of each kind of reply, whoever gives it. */
export interface CategoryFacts {
  readonly owner: FixOwner;
  readonly retry: RetryClass;
  readonly severity: ReplySeverity;
}

/** Every kind of reply that is told apart, with who mends it and what becomes of the message. */
export const replyCategories = {
  "auth-none": { owner: "us-configuration", retry: "stop", severity: "critical" },
  "auth-spf": { owner: "us-configuration", retry: "stop", severity: "critical" },
  "auth-dkim": { owner: "us-configuration", retry: "stop", severity: "critical" },
  alignment: { owner: "us-configuration", retry: "stop", severity: "major" },
  "dmarc-missing": { owner: "us-configuration", retry: "stop", severity: "major" },
  "dmarc-policy": { owner: "us-configuration", retry: "stop", severity: "critical" },
  rdns: { owner: "server-provider", retry: "stop", severity: "critical" },
  helo: { owner: "us-configuration", retry: "stop", severity: "major" },
  "tls-required": { owner: "us-configuration", retry: "stop", severity: "major" },
  "tls-failure": { owner: "them", retry: "retry", severity: "minor" },
  "ip-reputation": { owner: "us-behaviour", retry: "stop", severity: "critical" },
  "ip-blocklist": { owner: "us-behaviour", retry: "stop", severity: "critical" },
  "domain-reputation": { owner: "us-behaviour", retry: "stop", severity: "critical" },
  "domain-blocklist": { owner: "us-behaviour", retry: "stop", severity: "critical" },
  "rate-limit": { owner: "us-behaviour", retry: "slow-down", severity: "minor" },
  "rcpt-rate-limit": { owner: "recipient", retry: "slow-down", severity: "normal" },
  greylisting: { owner: "them", retry: "retry", severity: "normal" },
  "content-spam": { owner: "us-behaviour", retry: "stop", severity: "major" },
  "content-virus": { owner: "us-behaviour", retry: "stop", severity: "major" },
  "mailbox-full": { owner: "recipient", retry: "retry", severity: "normal" },
  "unknown-user": { owner: "us-behaviour", retry: "suppress", severity: "minor" },
  "mailbox-disabled": { owner: "recipient", retry: "suppress", severity: "normal" },
  policy: { owner: "recipient", retry: "stop", severity: "minor" },
  format: { owner: "us-configuration", retry: "stop", severity: "minor" },
  protocol: { owner: "us-configuration", retry: "stop", severity: "minor" },
  "size-limit": { owner: "us-behaviour", retry: "stop", severity: "normal" },
  "relay-denied": { owner: "them", retry: "stop", severity: "minor" },
  "smtp-auth": { owner: "us-configuration", retry: "stop", severity: "major" },
  "dns-failure": { owner: "them", retry: "retry", severity: "minor" },
  connection: { owner: "them", retry: "retry", severity: "minor" },
  expired: { owner: "them", retry: "stop", severity: "minor" },
  "routing-loop": { owner: "us-configuration", retry: "stop", severity: "major" },
  "remote-system": { owner: "them", retry: "retry", severity: "normal" },
  unclassified: { owner: "them", retry: "retry", severity: "minor" },
} as const satisfies Record<string, CategoryFacts>;

/** A kind of reply, as the taxonomy names it. */
export type ReplyCategory = keyof typeof replyCategories;

/** The category that an id stands for; null for '', and `unclassified` for an id that this version does not know. */
export function readCategory(id: string): ReplyCategory | null {
  if (id === "") return null;
  return Object.hasOwn(replyCategories, id) ? (id as ReplyCategory) : "unclassified";
}
