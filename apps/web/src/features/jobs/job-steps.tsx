"use client";
import { Circle, CircleAlert, CircleCheck, CircleMinus, CircleSlash, Undo2 } from "lucide-react";
import { classNames } from "../../components/class-names.ts";
import { Spinner } from "../../components/spinner.tsx";
import { useWords } from "../../components/words-provider.tsx";
import type { StepState, StoryStep } from "./job-story.ts";

const icons = {
  waiting: <Circle aria-hidden="true" className="size-4 text-line-strong" />,
  running: (
    <span className="grid size-4 place-items-center text-accent">
      <Spinner />
    </span>
  ),
  changed: <CircleCheck aria-hidden="true" className="size-4 text-good" />,
  unchanged: <CircleMinus aria-hidden="true" className="size-4 text-ink-3" />,
  reverted: <Undo2 aria-hidden="true" className="size-4 text-attention" />,
  failed: <CircleAlert aria-hidden="true" className="size-4 text-trouble" />,
  "not-reached": <CircleSlash aria-hidden="true" className="size-4 text-ink-3" />,
} as const satisfies Record<StepState, React.ReactNode>;

export interface JobStepsProps {
  steps: readonly StoryStep[];
  /** What the page says went wrong already, which no step needs to say again. */
  problem: string | null;
}

/** The planned steps with what became of each. */
export function JobSteps({ steps, problem }: JobStepsProps) {
  const { t, format } = useWords();
  if (steps.length === 0) return <p className="px-4 py-3.5 text-ink-3 text-table">{t("job.no-steps")}</p>;
  return (
    <ol className="grid py-1.5">
      {steps.map((step) => (
        <li
          key={step.id}
          aria-current={step.state === "running" ? "step" : undefined}
          className="flex gap-2.5 px-4 py-1.5"
        >
          <span className="pt-0.5">{icons[step.state]}</span>
          <div className="grid min-w-0 flex-1 gap-0.5">
            <p
              className={classNames(
                "text-table [overflow-wrap:anywhere]",
                step.state === "waiting" || step.state === "not-reached" ? "text-ink-3" : "text-ink",
              )}
            >
              {step.title}
            </p>
            {step.detail === null || step.detail === problem ? null : (
              <p
                className={classNames(
                  "whitespace-pre-wrap text-meta [overflow-wrap:anywhere]",
                  step.state === "failed" ? "text-trouble" : "text-ink-3",
                )}
              >
                {step.detail}
              </p>
            )}
          </div>
          <span className="figures shrink-0 pt-0.5 text-right text-ink-3 text-meta">
            {step.startedAt !== null && step.endedAt !== null && step.state !== "unchanged"
              ? format.duration(step.endedAt.getTime() - step.startedAt.getTime())
              : null}
            <span className={step.state === "unchanged" || step.state === "not-reached" ? "" : "sr-only"}>
              {t(`job.step.${step.state}`)}
            </span>
          </span>
        </li>
      ))}
    </ol>
  );
}
