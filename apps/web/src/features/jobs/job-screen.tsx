"use client";
import { hasEnded, jobCatalog } from "@mailstead/core/jobs";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useState } from "react";
import type { RouterOutputs } from "../../client/router-types.ts";
import { useTRPC } from "../../client/trpc.tsx";
import { Button } from "../../components/button.tsx";
import { DiffView } from "../../components/diff-view.tsx";
import { Disclosure } from "../../components/disclosure.tsx";
import { PageHeader } from "../../components/page-header.tsx";
import { Panel } from "../../components/panel.tsx";
import { ProblemNote } from "../../components/problem-note.tsx";
import { ProblemScreen } from "../../components/problem-screen.tsx";
import { Ago } from "../../components/time.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { useMay } from "../access/role-provider.tsx";
import { useFollow, useLiveLine } from "../live/live-provider.tsx";
import { JobLog } from "./job-log.tsx";
import { JobStateBadge } from "./job-state-word.tsx";
import { JobSteps } from "./job-steps.tsx";
import { type JobStory, tellStory } from "./job-story.ts";
import { JobSummary } from "./job-summary.tsx";
import { MailHealthPanel, mailHealthOf } from "./mail-health.tsx";
import { PreviewedSteps, previewedSteps } from "./previewed-steps.tsx";
import { useJobEvents } from "./use-job-events.ts";
import { useJobName } from "./use-job-name.ts";

type Job = RouterOutputs["jobs"]["get"];

function isQuestion({ verb }: Job): boolean {
  return jobCatalog[verb].lane === "diagnostic";
}

/** True when the same job would fail in the same way, so that trying again is not what to do first. */
function isHopeless({ outcome }: Job): boolean {
  return outcome?.kind === "failed" && outcome.retry === "permanent";
}

function failedByOverrides(job: Job): boolean {
  return isHopeless(job) && job.outcome?.kind === "failed" && /\boverrides?\b/i.test(job.outcome.problem);
}

/** What is it doing, how far, and what did it change? */
export function JobScreen({ jobId }: { jobId: string }) {
  const { t } = useWords();
  const trpc = useTRPC();
  const query = useQuery(trpc.jobs.get.queryOptions({ jobId }));
  const nameOf = useJobName();
  const line = useLiveLine();
  const events = useJobEvents(jobId);
  useFollow([{ kind: "job", id: jobId }], () => {
    void query.refetch();
    events.catchUp();
  });
  const job = query.data;
  if (job === undefined)
    return query.error === null ? null : (
      <ProblemScreen error={query.error} retry={() => void query.refetch()} />
    );
  const story = tellStory(events.events, job.state);
  const previewed = previewedSteps(job);
  const health = mailHealthOf(job);
  // A question to the host has no plan, and its page no empty place for one.
  const hasSteps = story.steps.length > 0 || !(hasEnded(job.state) || isQuestion(job));
  return (
    <>
      <PageHeader
        title={nameOf(job)}
        parent={{ href: `/servers/${job.serverId}`, label: job.serverName }}
        badge={<JobStateBadge state={job.state} />}
        description={
          <>
            {t("job.requested-by", { name: job.requestedBy })}, <Ago at={job.createdAt} />
          </>
        }
        actions={<JobActions job={job} />}
      />
      <div className="grid gap-4">
        {line === "lost" && !hasEnded(job.state) ? (
          <p role="status" className="rounded-ui bg-attention-soft px-4 py-2 text-table">
            {t("job.catching-up")}
          </p>
        ) : null}
        <ProblemNote error={events.error} />
        <JobSummary job={job} story={story} />
        <div className={hasSteps ? "grid items-start gap-4 lg:grid-cols-[20rem_minmax(0,1fr)]" : "grid"}>
          {hasSteps ? (
            <Panel title={t("job.steps")} isFlush>
              <JobSteps
                steps={story.steps}
                problem={job.outcome?.kind === "failed" ? job.outcome.problem : null}
              />
            </Panel>
          ) : null}
          <div className="grid min-w-0 gap-4">
            {previewed === null ? null : <PreviewedSteps steps={previewed} />}
            {health === null ? null : <MailHealthPanel health={health} />}
            <JobLog lines={story.lines} isRunning={!hasEnded(job.state)} />
            <ChangedFiles title="job.files" files={story.files.filter((file) => !file.isPutBack)} />
            <ChangedFiles title="job.files-put-back" files={story.files.filter((file) => file.isPutBack)} />
          </div>
        </div>
      </div>
    </>
  );
}

function ChangedFiles({
  title,
  files,
}: {
  title: "job.files" | "job.files-put-back";
  files: JobStory["files"];
}) {
  const { t } = useWords();
  if (files.length === 0) return null;
  return (
    <Panel title={t(title, { count: files.length })} isFlush>
      {files.map((file) => (
        <Disclosure
          key={file.number}
          isOpenAtFirst={files.length <= 2}
          summary={<span className="font-mono text-meta">{file.path}</span>}
        >
          <DiffView diff={file.diff} label={t("job.file-diff", { path: file.path })} />
        </Disclosure>
      ))}
    </Panel>
  );
}

function JobActions({ job }: { job: Job }) {
  const { t } = useWords();
  const may = useMay();
  const trpc = useTRPC();
  const router = useRouter();
  const queryClient = useQueryClient();
  const [isAsked, setAsked] = useState(false);
  const cancel = useMutation(
    trpc.jobs.cancel.mutationOptions({
      onSuccess: () => {
        setAsked(true);
        return queryClient.invalidateQueries({ queryKey: trpc.jobs.pathKey() });
      },
    }),
  );
  const retry = useMutation(
    trpc.jobs.retry.mutationOptions({ onSuccess: ({ jobId }) => router.push(`/jobs/${jobId}`) }),
  );
  const isCancelling = isAsked || job.cancelRequestedAt !== null;
  return (
    <div className="grid justify-items-end gap-2">
      <div className="flex gap-2">
        {hasEnded(job.state) || !may("jobs.cancel") ? null : (
          <Button
            onClick={() => cancel.mutate({ jobId: job.id })}
            isBusy={cancel.isPending}
            disabled={isCancelling}
          >
            {isCancelling ? t("job.cancelling") : t("job.cancel")}
          </Button>
        )}
        {hasEnded(job.state) && job.state !== "succeeded" && may("jobs.retry") ? (
          <Button
            look={isHopeless(job) ? "secondary" : "primary"}
            onClick={() => retry.mutate({ jobId: job.id })}
            isBusy={retry.isPending}
          >
            {t("job.retry")}
          </Button>
        ) : null}
        {failedByOverrides(job) && may("servers.changeOverrides") ? (
          <Button asChild look="primary">
            <Link href={`/servers/${job.serverId}/settings#overrides`}>{t("job.edit-overrides")}</Link>
          </Button>
        ) : null}
        {job.isInstall && job.state === "succeeded" && may("domains.add") ? (
          <Button asChild look="primary">
            <Link href={`/domains?add=1&server=${job.serverId}`}>{t("job.add-domain")}</Link>
          </Button>
        ) : null}
      </div>
      <ProblemNote error={cancel.error ?? retry.error} />
    </div>
  );
}
