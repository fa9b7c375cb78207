"use client";
import { hasEnded } from "@mailstead/core/jobs";
import type { RouterOutputs } from "../../client/router-types.ts";
import { Panel } from "../../components/panel.tsx";
import { ProgressBar } from "../../components/progress-bar.tsx";
import { useTickingNow } from "../../components/time.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { jobLevel } from "./job-level.ts";
import { doneShare, estimateLeftMs, type JobStory, roundEstimate } from "./job-story.ts";
import { mailHealthOf } from "./mail-health.tsx";
import { previewedSteps } from "./previewed-steps.tsx";

type Job = RouterOutputs["jobs"]["get"];

/** How a job stands: what it does now or what came of it, how far it is and how long it takes. */
export function JobSummary({ job, story }: { job: Job; story: JobStory }) {
  const { t, format } = useWords();
  const isRunning = !hasEnded(job.state);
  const now = useTickingNow(isRunning);
  const startedAt = job.startedAt ?? job.acceptedAt;
  const endedAt = job.endedAt ?? now;
  const share = hasEnded(job.state) ? 1 : doneShare(story.steps);
  const leftMs = isRunning ? estimateLeftMs(story.steps, now) : null;
  const done = story.steps.filter((step) => step.endedAt !== null).length;
  const problem = job.outcome?.kind === "failed" ? job.outcome : null;
  return (
    <Panel>
      <div className="grid gap-3">
        {problem === null ? (
          <p className="text-ink-2 text-table">{lead(t, job, story)}</p>
        ) : (
          <div className="grid gap-1" role="alert">
            <h2 className="font-semibold text-body text-trouble">{t("job.problem")}</h2>
            <p className="whitespace-pre-wrap text-table [overflow-wrap:anywhere]">{problem.problem}</p>
            <p className="text-ink-3 text-meta">
              {problem.retry === "temporary" ? t("job.retry-helps") : t("job.retry-useless")}
            </p>
          </div>
        )}
        {job.state === "queued" || job.state === "cancelled" || job.state === "timed-out" ? null : (
          <>
            {job.state === "failed" ? null : (
              <ProgressBar share={share} label={t("job.progress")} look={jobLevel(job.state) ?? "running"} />
            )}
            {/* A line each on a phone, where a ticking time would break its line now and then. */}
            <div className="figures grid gap-x-6 gap-y-1 text-ink-3 text-meta sm:flex sm:justify-between">
              <p>
                {story.steps.length > 0 && job.state !== "failed"
                  ? t("job.progress.of", { done, count: story.steps.length })
                  : " "}
              </p>
              <p className="grid gap-1 whitespace-nowrap sm:block" suppressHydrationWarning>
                {leftMs === null ? null : (
                  <span>
                    {t("job.left", { time: format.duration(roundEstimate(leftMs)) })}
                    <span className="max-sm:hidden"> · </span>
                  </span>
                )}
                {startedAt === null ? null : (
                  <span suppressHydrationWarning>
                    {`${t("job.elapsed")} ${format.duration(Math.max(0, endedAt.getTime() - startedAt.getTime()))}`}
                  </span>
                )}
              </p>
            </div>
          </>
        )}
      </div>
    </Panel>
  );
}

function lead(t: ReturnType<typeof useWords>["t"], job: Job, story: JobStory): string {
  const { state } = job;
  if (state === "failed") return t("job.problem");
  if (state !== "succeeded") return t(`job.lead.${state}`);
  const previewed = previewedSteps(job);
  if (previewed !== null)
    return previewed.length === 0
      ? t("job.lead.previewed-nothing")
      : t("job.lead.previewed", { count: previewed.length });
  const health = mailHealthOf(job);
  if (health !== null) {
    const bad = health.checks.filter((check) => check.state === "bad").length;
    const isSure = health.checks.some((check) => check.state === "ok");
    if (bad > 0) return t("job.lead.mail-bad", { count: bad });
    return isSure ? t("job.lead.mail-well") : t("job.lead.mail-unknown");
  }
  if (job.isInstall) return t("job.installed");
  if (story.steps.length === 0) return t("job.lead.done");
  const count = story.steps.filter((step) => step.state === "changed").length;
  return count === 0 ? t("job.lead.nothing-changed") : t("job.lead.succeeded", { count });
}
