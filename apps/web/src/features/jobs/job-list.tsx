"use client";
import Link from "next/link";
import type { RouterOutputs } from "../../client/router-types.ts";
import { Ago } from "../../components/time.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { JobStateWord } from "./job-state-word.tsx";
import { useJobName } from "./use-job-name.ts";

export type JobRow = RouterOutputs["jobs"]["list"]["jobs"][number];

/** Jobs as lines, for the side of another thing. */
export function JobList({ jobs, hasServer }: { jobs: readonly JobRow[]; hasServer: boolean }) {
  const { t } = useWords();
  const nameOf = useJobName();
  return (
    <ul>
      {jobs.map((job) => (
        <li key={job.id} className="border-line border-b last:border-b-0">
          <Link
            href={`/jobs/${job.id}`}
            className="flex min-h-10 items-center gap-4 px-4 py-1.5 text-table -outline-offset-2 hover:bg-hover"
          >
            <span className="grid min-w-0 flex-1 leading-tight">
              <span className="truncate font-medium">{nameOf(job)}</span>
              <span className="truncate text-ink-3 text-meta">
                {hasServer ? job.serverName : t("job.requested-by", { name: job.requestedBy })}
              </span>
            </span>
            <JobStateWord state={job.state} />
            <span className="w-24 text-right text-ink-3 text-meta max-sm:hidden">
              <Ago at={job.createdAt} />
            </span>
          </Link>
        </li>
      ))}
    </ul>
  );
}
