"use client";
import type { RolloutState } from "@mailstead/core/rollouts";
import { type Level, LevelBadge } from "../../components/level.tsx";
import { Spinner } from "../../components/spinner.tsx";
import { useWords } from "../../components/words-provider.tsx";

const levels: Readonly<Record<RolloutState, Level | null>> = {
  running: null,
  stopping: null,
  "rolling-back": null,
  halted: "attention",
  finished: "good",
  stopped: "unknown",
  "rolled-back": "unknown",
};

/** The state of a rollout as a filled mark. */
export function RolloutStateBadge({ state }: { state: RolloutState }) {
  const { t } = useWords();
  const level = levels[state];
  if (level !== null) return <LevelBadge level={level}>{t(`rollout.state.${state}`)}</LevelBadge>;
  return (
    <span className="inline-flex h-6 items-center gap-1.5 whitespace-nowrap rounded-ui bg-accent-soft px-2 font-medium text-accent text-meta">
      <Spinner />
      {t(`rollout.state.${state}`)}
    </span>
  );
}
