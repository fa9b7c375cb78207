"use client";
import type { JobState } from "@mailstead/core/jobs";
import { Clock } from "lucide-react";
import { LevelBadge, LevelWord } from "../../components/level.tsx";
import { Spinner } from "../../components/spinner.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { jobLevel } from "./job-level.ts";

/** The state of a job as icon, word and colour. */
export function JobStateWord({ state }: { state: JobState }) {
  const { t } = useWords();
  const level = jobLevel(state);
  if (level !== null) return <LevelWord level={level}>{t(`job.state.${state}`)}</LevelWord>;
  return (
    <span className="inline-flex items-center gap-1.5 whitespace-nowrap text-accent">
      {state === "running" ? <Spinner /> : <Clock aria-hidden="true" className="size-3.5" />}
      {t(`job.state.${state}`)}
    </span>
  );
}

export function JobStateBadge({ state }: { state: JobState }) {
  const { t } = useWords();
  const level = jobLevel(state);
  if (level !== null) return <LevelBadge level={level}>{t(`job.state.${state}`)}</LevelBadge>;
  return (
    <span className="inline-flex h-6 items-center gap-1.5 rounded-ui bg-accent-soft px-2 font-medium text-accent text-meta">
      {state === "running" ? <Spinner /> : <Clock aria-hidden="true" className="size-3.5" />}
      {t(`job.state.${state}`)}
    </span>
  );
}
