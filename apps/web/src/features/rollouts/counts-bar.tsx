"use client";
import { type MemberState, type memberGroups, statesByUrgency, statesOf } from "@mailstead/core/rollouts";
import type { RouterOutputs } from "../../client/router-types.ts";
import { classNames } from "../../components/class-names.ts";
import { useWords } from "../../components/words-provider.tsx";
import { CellSign } from "./member-state-word.tsx";

export type Counts = RouterOutputs["rollouts"]["get"]["counts"];

const bars = {
  succeeded: "bg-good",
  moving: "bg-accent-fill",
  bad: "bg-trouble-fill",
  "left-out": "bg-line-strong",
  waiting: "bg-line",
} as const;
const inOrder = ["succeeded", "moving", "bad", "left-out", "waiting"] as const;

export function countOf(counts: Counts, group: (typeof memberGroups)[number]): number {
  return statesOf(group).reduce((sum, state) => sum + (counts[state] ?? 0), 0);
}

/** How far a number of servers are, as one bar of parts; the words beside it say the same. */
export function CountsBar({ counts, servers }: { counts: Counts; servers: number }) {
  return (
    <div aria-hidden="true" className="flex h-1.5 gap-px overflow-hidden rounded-full bg-line">
      {inOrder.map((group) => {
        const count = countOf(counts, group);
        return count === 0 ? null : (
          <div
            key={group}
            className={classNames("h-full min-w-1 transition-[width] duration-500", bars[group])}
            style={{ width: `${(count / Math.max(1, servers)) * 100}%` }}
          />
        );
      })}
    </div>
  );
}

/** The states that occur, each with how many, what needs somebody first. */
export function CountWords({ counts }: { counts: Counts }) {
  const { t, format } = useWords();
  const states = statesByUrgency.filter((state: MemberState) => (counts[state] ?? 0) > 0);
  return (
    <ul className="flex flex-wrap gap-x-4 gap-y-1 text-meta">
      {states.map((state) => (
        <li key={state} className="flex items-center gap-1.5">
          <CellSign state={state} />
          <span className="figures font-medium">{format.number(counts[state] ?? 0)}</span>
          <span className="text-ink-2">{t(`rollout.member.${state}`)}</span>
        </li>
      ))}
    </ul>
  );
}
