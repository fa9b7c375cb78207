import type { PeriodCount, ProviderId } from "../delivery/index.ts";
import { type DayFigures, dayFigures } from "./day-figures.ts";
import { fleetOf } from "./fleet.ts";
import { type OutsideSight, outsideFigures } from "./outside-sight.ts";
import { sumFigures } from "./provider-figures.ts";
import { judgeReputation } from "./reputation.ts";
import { reputationLimits } from "./reputation-limits.ts";
import { distrust, type Reputation, type ReputationEvidence, troubledOf } from "./sender-figures.ts";

const dayMs = 24 * 3_600_000;

/** A day's attempts of one sender at one receiver that are alike in all else. Days begin at midnight UTC. */
export interface DaySum
  extends Pick<PeriodCount, "provider" | "status" | "category" | "attempts" | "firstAttempts"> {
  readonly sender: string;
  readonly day: number;
  /** When the first and the latest of them were, as exactly as is known. */
  readonly firstAt: number;
  readonly lastAt: number;
}

/** A reputation, the reason that it is told with, and since when it has stood for that reason. */
export interface StandingReputation {
  readonly reputation: Reputation;
  readonly reason: ReputationEvidence["code"] | null;
  readonly since: number;
}

/** What was thought of a sender at a receiver at the end of a day, or today by now. */
export interface DayJudgement extends StandingReputation {
  readonly sender: string;
  readonly provider: ProviderId | null;
  readonly day: number;
  readonly evidence: readonly ReputationEvidence[];
  readonly figures: DayFigures;
  /** Messages of the days that it looks back on, and how many of them were held back for the sender's sake. */
  readonly messages: number;
  readonly troubled: number;
}

export interface JudgedTime {
  /** The first day to judge; the sums must reach as far back as a judgement of it looks. */
  readonly from: number;
  readonly now: number;
  /** What stands kept of a sender at a receiver for a day. */
  readonly kept: (sender: string, provider: ProviderId | null, day: number) => StandingReputation | undefined;
  readonly outside: (sender: string, provider: ProviderId | null) => OutsideSight;
}

/**
 * Judges each day of a time by the days before it, with what the fleet had in common on that day. A reputation that was
 * the same the day before goes on standing since then, with the reason that it had, for as long as that one still holds: so
 * its time and its reason are of one cause. The same sums give the same judgements, however often asked.
 */
export function judgeDays(sums: readonly DaySum[], time: JudgedTime): readonly DayJudgement[] {
  const groups = [
    ...Map.groupBy(sums, ({ sender, provider }) => JSON.stringify([sender, provider])).values(),
  ];
  const standing = new Map<readonly DaySum[], DayJudgement>();
  const judged: DayJudgement[] = [];
  for (let day = time.from; day <= time.now; day += dayMs)
    for (const [group, judgement] of judgeDay(groups, { ...time, day, standing })) {
      standing.set(group, judgement);
      judged.push(judgement);
    }
  return judged;
}

interface Day extends JudgedTime {
  readonly day: number;
  /** The last judgement of each group. */
  readonly standing: ReadonlyMap<readonly DaySum[], DayJudgement>;
}

function judgeDay(groups: readonly (readonly DaySum[])[], time: Day): [readonly DaySum[], DayJudgement][] {
  const { day } = time;
  const first = day - (reputationLimits.windowDays - 1) * dayMs;
  const seen = groups.flatMap((group) => {
    const within = group.filter((sum) => sum.day >= first && sum.day <= day);
    const [any] = within;
    if (any === undefined) return [];
    const { sender, provider } = any;
    const figures = sumFigures(provider, within.map(asCount));
    return [{ group, within, sender, provider, figures, troubled: troubledOf(figures) }];
  });
  const fleets = new Map(
    [...Map.groupBy(seen, ({ provider }) => provider)].map(([provider, senders]) => [
      provider,
      fleetOf(senders.map(({ figures, troubled }) => ({ messages: figures.messages, troubled }))),
    ]),
  );
  const until = Math.min(day + dayMs, time.now);
  return seen.map(({ group, within, sender, provider, figures, troubled }) => {
    const outside = outsideFigures(time.outside(sender, provider), { from: first, until });
    const verdict = judgeReputation({ ...figures, ...outside }, until, fleets.get(provider) ?? null);
    const { reputation } = verdict;
    const last = lastStanding({ ...time, before: time.standing.get(group), sender, provider, reputation });
    const { evidence } = verdict;
    const cause = causeOf(evidence, { reputation, reason: last?.reason ?? null });
    const reason = cause?.code ?? null;
    const ofDay = within.filter((sum) => sum.day === day);
    return [
      group,
      {
        sender,
        provider,
        day,
        reputation,
        reason,
        since:
          last !== null && isSameCause(last, { reputation, reason })
            ? last.since
            : beganNow(time, { began: beganAt(cause, ofDay), notBefore: last?.since ?? day }),
        evidence,
        figures: dayFigures(sumFigures(provider, ofDay.map(asCount))),
        messages: figures.messages,
        troubled,
      },
    ];
  });
}

interface Changing extends Pick<Day, "day" | "now" | "kept"> {
  readonly before: DayJudgement | undefined;
  readonly sender: string;
  readonly provider: ProviderId | null;
  readonly reputation: Reputation;
}

/** What stood the day before, or earlier on this day, if it was the same word. */
function lastStanding(change: Changing): StandingReputation | null {
  const { day, kept, before, sender, provider, reputation } = change;
  const yesterday = before?.day === day - dayMs ? before : kept(sender, provider, day - dayMs);
  const already = kept(sender, provider, day);
  const same = [already, yesterday].filter((one) => one?.reputation === reputation);
  // Of one day the earlier word goes on, unless its reason has changed since.
  const [today, before24] = same;
  return (before24 !== undefined && today?.reason === before24.reason ? before24 : today) ?? null;
}

/** A word that holds nothing against the sender has no cause that could change. */
function isSameCause(
  last: StandingReputation,
  { reputation, reason }: Pick<StandingReputation, "reputation" | "reason">,
): boolean {
  return reputation === "HIGH" || reputation === "UNKNOWN" || last.reason === reason;
}

/** The reason that stood before, if it alone would still bring the word; else the heaviest. */
function causeOf(
  evidence: readonly ReputationEvidence[],
  { reputation, reason }: Pick<StandingReputation, "reputation" | "reason">,
): ReputationEvidence | undefined {
  return evidence.find(({ code, holds }) => code === reason && holds === reputation) ?? evidence[0];
}

/** A cause that takes the place of another may have begun while that one was told. */
function beganNow(
  { day, now }: Pick<Day, "day" | "now">,
  { began, notBefore }: { began: number | null; notBefore: number },
): number {
  if (began !== null) return Math.max(began, notBefore);
  // Of a day that is over nobody knows any more at which hour it changed.
  return now < day + dayMs ? now : day;
}

/** The first of the day's replies that a reputation was lost by, or the beginning of the entry in a list. */
function beganAt(reason: ReputationEvidence | undefined, ofDay: readonly DaySum[]): number | null {
  const first = (isMeant: (sum: DaySum) => boolean) => {
    const meant = ofDay.filter(isMeant);
    return meant.length === 0 ? null : Math.min(...meant.map(({ firstAt }) => firstAt));
  };
  const isDistrust = ({ category }: DaySum) => category !== null && distrust.includes(category);
  switch (reason?.code) {
    case "listed":
      return reason.at;
    case "blocked":
      return first((sum) => isDistrust(sum) && sum.status !== "deferred");
    case "throttled":
      return first((sum) => isDistrust(sum) && sum.status === "deferred");
    case "deferred":
      return first(({ category }) => category === "rate-limit");
    default:
      return null;
  }
}

function asCount({ firstAt: _, lastAt, ...sum }: DaySum): PeriodCount {
  return {
    ...sum,
    startsAt: lastAt,
    direction: "outbound",
    domain: "",
    sendingAddress: null,
    overTls: 0,
    sizeBytes: 0,
    latencies: {},
  };
}
