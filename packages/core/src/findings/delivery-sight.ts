import type { ProviderId, ReplyCategory } from "../delivery/index.ts";

/** What of a sender a receiver speaks of: its address, its domain, or all that the server sends. */
export type ConditionScope = "address" | "domain" | "server";

/** Replies of one kind that one receiver gave to one sender. Its key says that it is the same one in two looks. */
export interface ConditionSubject {
  readonly category: ReplyCategory;
  /** Null for all hosts that receive for themselves. */
  readonly provider: ProviderId | null;
  readonly scope: ConditionScope;
  /** The address or the domain; empty for a whole server. */
  readonly about: string;
}

/** What happened within a short while, all attempts of one subject at its receiver. */
export interface SightBucket {
  /** Beginning, in milliseconds since 1970. */
  readonly at: number;
  /** Attempts that ended with the category. */
  readonly failed: number;
  /** Of those, how many for good. */
  readonly refused: number;
  readonly delivered: number;
  /** All attempts, however they ended. */
  readonly attempts: number;
}

/** What is remembered of an open condition between two looks. Times in milliseconds since 1970. */
export interface HeldSight {
  readonly firstAt: number;
  readonly lastAt: number;
  readonly lastDeliveredAt: number | null;
}

/** Begins the key of every finding about deliveries, so that no other look closes it. */
export const deliveryFindingPrefix = "delivery-";

/** What makes the same condition of two looks one finding. */
export function conditionKeyOf({
  category,
  provider,
  about,
}: Pick<ConditionSubject, "category" | "provider" | "about">): string {
  return `${deliveryFindingPrefix}${category} ${provider ?? "others"} ${about}`.trim().toLowerCase();
}

const ofAddress: readonly ReplyCategory[] = ["ip-reputation", "ip-blocklist", "rdns", "helo"];
const ofDomain: readonly ReplyCategory[] = [
  "auth-none",
  "auth-spf",
  "auth-dkim",
  "alignment",
  "dmarc-missing",
  "dmarc-policy",
  "domain-reputation",
  "domain-blocklist",
];

/** What a kind of reply is about. */
export function scopeOf(category: ReplyCategory): ConditionScope {
  if (ofAddress.includes(category)) return "address";
  return ofDomain.includes(category) ? "domain" : "server";
}
