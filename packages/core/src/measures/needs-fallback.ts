import type { ProviderFigures } from "../reputation/index.ts";

const blockCategories = ["ip-reputation", "ip-blocklist"] as const;

/** So few refusals may be chance, or one old message that is tried again and again. */
const blocksMin = 3;

/**
 * Whether a provider takes nothing from this server because of its address, so that a smarthost would help. One message
 * that got through says that it does take mail.
 */
export function needsFallback({
  delivered,
  replies,
}: Pick<ProviderFigures, "delivered" | "replies">): boolean {
  if (delivered > 0) return false;
  const blocked = blockCategories.reduce((total, category) => {
    const seen = replies[category];
    return total + (seen === undefined ? 0 : seen.temporary + seen.permanent);
  }, 0);
  return blocked >= blocksMin;
}
