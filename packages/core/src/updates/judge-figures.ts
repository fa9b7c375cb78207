import { shareBounds } from "../reputation/index.ts";
import type { HealthBaseline, HealthReason, UsualAttempts } from "./health-baseline.ts";
import type { HealthFigures, RecentAttempts } from "./mail-health.ts";

// Fewer messages more than usual are a newsletter or a slow receiver.
const queueGrowthMin = 50;
// And the queue must be several times what it is at its fullest in usual hours.
const queueGrowthFactor = 2;
// Fewer attempts have no share of their own, after the change or before it; before it they are a part in the whole.
const windowAttemptsMin = 20;
// With many attempts the bounds become so narrow that any hour differs; what matters is more than this.
const shareGrowthMin = 0.05;

const shares = [
  { about: "deferred", words: "were put off" },
  { about: "bounced", words: "came back" },
  { about: "rejected", words: "were refused" },
] as const;

/**
 * What of a server's figures is beyond its own baseline: what it told before the change, and in its usual hours. Small
 * numbers decide nothing, and neither does a figure without a baseline.
 */
export function judgeFigures({
  before,
  after,
  baseline,
}: {
  readonly before: HealthFigures | null;
  readonly after: HealthFigures;
  readonly baseline: HealthBaseline;
}): readonly HealthReason[] {
  const usual = before === null ? baseline : [before, ...baseline];
  return [...judgeQueue(usual, after.queueMessages), ...judgeShares(usual, after.recent)];
}

function judgeQueue(usual: HealthBaseline, messages: number | null): readonly HealthReason[] {
  const depths = usual.flatMap(({ queueMessages }) => queueMessages ?? []);
  if (messages === null || depths.length === 0) return [];
  const fullest = Math.max(...depths);
  if (messages < Math.max(fullest * queueGrowthFactor, fullest + queueGrowthMin)) return [];
  return [
    {
      about: "queue",
      sentence: `${messages} messages wait in the mail queue; in usual hours there were at most ${fullest}.`,
    },
  ];
}

function judgeShares(usual: HealthBaseline, recent: RecentAttempts | null): readonly HealthReason[] {
  if (recent === null || attemptsIn(recent) < windowAttemptsMin) return [];
  const windows = usual.flatMap((window) => window.recent ?? []);
  return shares.flatMap(({ about, words }) => {
    const now = shareBounds(recent[about], attemptsIn(recent));
    const limit = usualShare(
      windows.filter((window) => window[about] !== undefined),
      about,
    );
    if (now.lower <= limit + shareGrowthMin) return [];
    const share = percent(now.count / now.of);
    const usualWords = `in usual hours at most ${percent(limit)}`;
    return [{ about, sentence: `${share} of the last ${now.of} attempts ${words}; ${usualWords}.` }];
  });
}

/** The highest share that is still usual: of the worst window that says something, and of all together as far as they are known. */
function usualShare(windows: readonly UsualAttempts[], about: (typeof shares)[number]["about"]): number {
  const ofAll = shareBounds(
    windows.reduce((sum, window) => sum + (window[about] ?? 0), 0),
    windows.reduce((sum, window) => sum + attemptsIn(window), 0),
  );
  const telling = windows.filter((window) => attemptsIn(window) >= windowAttemptsMin);
  return Math.max(ofAll.upper, ...telling.map((window) => (window[about] ?? 0) / attemptsIn(window)));
}

function attemptsIn({ sent, deferred, bounced, rejected = 0 }: UsualAttempts): number {
  return sent + deferred + bounced + rejected;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
