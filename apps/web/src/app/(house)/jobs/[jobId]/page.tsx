import { JobScreen } from "../../../../features/jobs/job-screen.tsx";
import { Prepared, titled } from "../../../../server/page.tsx";

export const generateMetadata = titled("jobs.title");

export default async function JobPage({ params }: { params: Promise<{ jobId: string }> }) {
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
