import type { PeriodCount } from "../delivery/index.ts";

const blockCategories: readonly PeriodCount["category"][] = ["ip-reputation", "ip-blocklist"];

/** So few refused deliveries may be chance, or one old message that is tried again and again. */
const blocksMin = 3;

/**
 * Whether a provider takes nothing more from this server because of its address, so that a smarthost would help; from the
 * counts of what was sent to it. A message that got through says that it took mail until then, so only later periods count.
 */
export function needsFallback(counts: readonly PeriodCount[]): boolean {
  const lastDeliveredAt = Math.max(
    ...counts.filter(({ status }) => status === "sent").map(({ startsAt }) => startsAt),
  );
  return (
    deliveriesAtLeast(
      counts.filter(
        ({ startsAt, category }) => startsAt > lastDeliveredAt && blockCategories.includes(category),
      ),
    ) >= blocksMin
  );
}

/**
 * How many different deliveries these attempts surely were of. None is tried first twice, nor twice within one period of
 * counting: Postfix waits longer before it tries again.
 */
function deliveriesAtLeast(counts: readonly PeriodCount[]): number {
  const sum = (some: readonly PeriodCount[], of: "attempts" | "firstAttempts") =>
    some.reduce((total, count) => total + count[of], 0);
  const periods = Map.groupBy(counts, ({ startsAt }) => startsAt).values();
  return Math.max(sum(counts, "firstAttempts"), ...[...periods].map((period) => sum(period, "attempts")));
}
