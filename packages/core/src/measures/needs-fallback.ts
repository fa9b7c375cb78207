import type { PeriodCount } from "../delivery/index.ts";

const blockCategories: readonly PeriodCount["category"][] = ["ip-reputation", "ip-blocklist"];

/** So few refusals may be chance, or one old message that is tried again and again. */
const blocksMin = 3;

/**
 * Whether a provider takes nothing more from this server because of its address, so that a smarthost would help; from the
 * counts of what was sent to it. A message that got through says that it took mail until then, so only later periods count.
 */
export function needsFallback(counts: readonly PeriodCount[]): boolean {
  const lastDeliveredAt = Math.max(
    ...counts.filter(({ status }) => status === "sent").map(({ startsAt }) => startsAt),
  );
  const blocked = counts
    .filter(({ startsAt, category }) => startsAt > lastDeliveredAt && blockCategories.includes(category))
    .reduce((total, { attempts }) => total + attempts, 0);
  return blocked >= blocksMin;
}
