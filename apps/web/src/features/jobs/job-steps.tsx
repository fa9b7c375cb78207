"use client";
import { Circle, CircleAlert, CircleCheck, CircleMinus, CircleSlash, Undo2 } from "lucide-react";
import type { ReactNode } from "react";
import { classNames } from "../../components/class-names.ts";
import { Folded } from "../../components/folded.tsx";
import { Spinner } from "../../components/spinner.tsx";
import { useWords } from "../../components/words-provider.tsx";
import type { StepState, StoryStep } from "./job-story.ts";
import { groupSteps, type StepGroup } from "./step-groups.ts";

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
} as const satisfies Record<StepState, ReactNode>;

export interface JobStepsProps {
  steps: readonly StoryStep[];
  /** What the page says went wrong already, which no step needs to say again. */
  problem: string | null;
}

/** The planned steps with what became of each; crowds of small ones are one line that opens. */
export function JobSteps({ steps, problem }: JobStepsProps) {
  const { t } = useWords();
  if (steps.length === 0) return <p className="px-4 py-3.5 text-ink-3 text-table">{t("job.no-steps")}</p>;
  return (
    <ol className="grid py-1.5">
      {groupSteps(steps).map((line) =>
        "steps" in line ? (
          <GroupLine key={line.steps[0]?.id} group={line} />
        ) : (
          <StepLine key={line.id} state={line.state} title={line.title} took={tookMs([line])}>
            {line.detail === null || line.detail === problem ? null : (
              <Detail text={line.detail} isProblem={line.state === "failed"} />
            )}
          </StepLine>
        ),
      )}
    </ol>
  );
}

interface StepLineProps {
  state: StepState;
  title: string;
  took: number | null;
  children: ReactNode;
}

function StepLine({ state, title, took, children }: StepLineProps) {
  const { t, format } = useWords();
  return (
    <li aria-current={state === "running" ? "step" : undefined} className="flex gap-2.5 px-4 py-1.5">
      <span className="pt-0.5">{icons[state]}</span>
      <div className="grid min-w-0 flex-1 gap-0.5">
        <p
          className={classNames(
            "text-table [overflow-wrap:anywhere]",
            state === "waiting" || state === "not-reached" ? "text-ink-3" : "text-ink",
          )}
        >
          {title}
        </p>
        {children}
      </div>
      <span className="figures shrink-0 pt-0.5 text-right text-ink-3 text-meta">
        {took !== null && state !== "unchanged" ? format.duration(took) : null}
        <span className={state === "unchanged" || state === "not-reached" ? "" : "sr-only"}>
          {t(`job.step.${state}`)}
        </span>
      </span>
    </li>
  );
}

function GroupLine({ group }: { group: StepGroup }) {
  const { t } = useWords();
  return (
    <StepLine
      state={group.state}
      title={t(`job.steps-of.${group.kind}`, { count: group.steps.length })}
      took={tookMs(group.steps)}
    >
      <StepDetails>
        {group.steps.map((step) => (
          <span key={step.id} className="block">
            {step.title}
          </span>
        ))}
      </StepDetails>
    </StepLine>
  );
}

const detailLinesMax = 2;

/** What a step says of itself; long lists, like the versions of packages, are folded. */
function Detail({ text, isProblem }: { text: string; isProblem: boolean }) {
  if (!isProblem && text.split("\n").length > detailLinesMax)
    return (
      <StepDetails>
        {text.split("\n").map((line) => (
          <VersionLine key={line} line={line} />
        ))}
      </StepDetails>
    );
  return (
    <p
      className={classNames(
        "whitespace-pre-wrap text-meta [overflow-wrap:anywhere]",
        isProblem ? "text-trouble" : "text-ink-3",
      )}
    >
      {text}
    </p>
  );
}

/** A name and what follows it; both break between them rather than inside a number. */
function VersionLine({ line }: { line: string }) {
  const [name = "", ...rest] = line.split(" ");
  return (
    <span className="flex flex-wrap gap-x-2">
      <span className="text-ink-2">{name}</span>
      <span className="font-mono">{rest.join(" ")}</span>
    </span>
  );
}

function StepDetails({ children }: { children: ReactNode }) {
  const { t } = useWords();
  return (
    <Folded label={t("job.step-details")}>
      <div className="grid gap-0.5 pt-1 text-ink-3 text-meta [overflow-wrap:anywhere]">{children}</div>
    </Folded>
  );
}

function tookMs(steps: readonly StoryStep[]): number | null {
  const startedAt = steps[0]?.startedAt ?? null;
  const endedAt = steps.at(-1)?.endedAt ?? null;
  return startedAt === null || endedAt === null ? null : endedAt.getTime() - startedAt.getTime();
}
