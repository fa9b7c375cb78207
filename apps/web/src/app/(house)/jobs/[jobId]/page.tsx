import { jobName } from "../../../../features/jobs/job-name.ts";
import { JobScreen } from "../../../../features/jobs/job-screen.tsx";
import { Prepared, titledBy } from "../../../../server/page.tsx";

type Params = Promise<{ jobId: string }>;

export async function generateMetadata({ params }: { params: Params }) {
  const { jobId } = await params;
  return titledBy(async (caller, { t }) => {
    const job = await caller.jobs.get({ jobId });
    return `${jobName(t, job)} · ${job.serverName}`;
  });
}

export default async function JobPage({ params }: { params: Params }) {
  const { jobId } = await params;
  return (
    <Prepared
      asks={(trpc) => [
        trpc.jobs.get.queryOptions({ jobId }),
        trpc.jobs.events.queryOptions({ jobId, afterNumber: 0 }),
      ]}
    >
      <JobScreen key={jobId} jobId={jobId} />
    </Prepared>
  );
}
