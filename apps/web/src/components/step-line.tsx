"use client";
import { Circle, CircleAlert, CircleCheck } from "lucide-react";
import type { ReactNode } from "react";
import { classNames } from "./class-names.ts";
import { Spinner } from "./spinner.tsx";
import { Ago } from "./time.tsx";

/** done: behind us. current: where it stands. coming: ahead. */
export type StepStanding = "done" | "current" | "coming";

export interface ShownStep {
  key: string;
  title: string;
  standing: StepStanding;
  /** When it was last reached; null where nobody saw that, and for what is still ahead. */
  reachedAt: Date | null;
}

/** The steps of something long from the first to the last: what is done and when, what it waits for, what comes. */
export function StepLine({
  label,
  steps,
  waiting,
  hasAlarm,
}: {
  label: string;
  steps: readonly ShownStep[];
  /** What stands below the current step. */
  waiting: ReactNode;
  hasAlarm: boolean;
}) {
  return (
    <ol className="grid border-line border-t py-1.5" aria-label={label}>
      {steps.map(({ key, title, standing, reachedAt }) => (
        <li
          key={key}
          aria-current={standing === "current" ? "step" : undefined}
          className="flex gap-2.5 px-4 py-1.5"
        >
          <span className="pt-0.5">
            <StepIcon standing={standing} hasAlarm={hasAlarm} />
          </span>
          <div className="grid min-w-0 flex-1 gap-0.5">
            <p className={classNames("text-table", standing === "coming" ? "text-ink-3" : "text-ink")}>
              {title}
            </p>
            {standing === "current" ? waiting : null}
          </div>
          {reachedAt === null ? null : (
            <span className="figures shrink-0 pt-0.5 text-ink-3 text-meta">
              <Ago at={reachedAt} />
            </span>
          )}
        </li>
      ))}
    </ol>
  );
}

function StepIcon({ standing, hasAlarm }: { standing: StepStanding; hasAlarm: boolean }) {
  if (standing === "done") return <CircleCheck aria-hidden="true" className="size-4 text-good" />;
  if (standing === "coming") return <Circle aria-hidden="true" className="size-4 text-line-strong" />;
  if (hasAlarm) return <CircleAlert aria-hidden="true" className="size-4 text-attention" />;
  return (
    <span className="grid size-4 place-items-center text-accent">
      <Spinner />
    </span>
  );
}
