import type { ReplyCategory } from "../delivery/index.ts";

/** Where in the dashboard a finding is mended: a page of the domain or of the server that it is about, or of the organisation. */
export const fixPages = [
  "records",
  "keys",
  "settings",
  "deliverability",
  "queue",
  "overview",
  "accounts",
  "block-lists",
  "certificates",
  "feeds",
  "measures",
  "reports",
  "withdrawals",
  "rollouts",
] as const;
export type FixPage = (typeof fixPages)[number];

const ofCategory: Readonly<Partial<Record<ReplyCategory, FixPage>>> = {
  "auth-none": "records",
  "auth-spf": "records",
  "auth-dkim": "keys",
  alignment: "keys",
  "dmarc-missing": "records",
  "dmarc-policy": "records",
  rdns: "overview",
  helo: "settings",
  "tls-required": "settings",
  "tls-failure": "settings",
  "smtp-auth": "settings",
  "rate-limit": "queue",
  "content-spam": "queue",
  "content-virus": "queue",
  "dns-failure": "overview",
  connection: "overview",
};

/** Where what a kind of reply speaks of is mended; a fallen reputation, which is of no kind, where its evidence stands. */
export function fixPageOf(category: ReplyCategory | null): FixPage {
  return (category === null ? undefined : ofCategory[category]) ?? "deliverability";
}
