import { paging } from "../../../client/paging.ts";
import { jobQuery, readJobFilter } from "../../../features/jobs/job-filter.ts";
import { JobsScreen } from "../../../features/jobs/jobs-screen.tsx";
import { Prepared, readSearchParams, type SearchParams, titled } from "../../../server/page.tsx";

export const generateMetadata = titled("jobs.title");

export default async function JobsPage({ searchParams }: { searchParams: SearchParams }) {
  const filter = readJobFilter(await readSearchParams(searchParams));
  return (
    <Prepared asks={(trpc) => [trpc.jobs.list.infiniteQueryOptions(jobQuery(undefined, filter), paging)]}>
      <JobsScreen />
    </Prepared>
  );
}
