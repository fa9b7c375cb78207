import { paging } from "../../../../../client/paging.ts";

import { jobQuery, readJobFilter } from "../../../../../features/jobs/job-filter.ts";
import { JobTable } from "../../../../../features/jobs/jobs-screen.tsx";
import { Prepared, readSearchParams, type SearchParams } from "../../../../../server/page.tsx";

interface Props {
  params: Promise<{ serverId: string }>;
  searchParams: SearchParams;
}

export default async function ServerJobsPage({ params, searchParams }: Props) {
  const { serverId } = await params;
  const filter = readJobFilter(await readSearchParams(searchParams));
  return (
    <Prepared asks={(trpc) => [trpc.jobs.list.infiniteQueryOptions(jobQuery(serverId, filter), paging)]}>
      <JobTable serverId={serverId} />
    </Prepared>
  );
}
