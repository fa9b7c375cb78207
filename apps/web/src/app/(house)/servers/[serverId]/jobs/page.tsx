import { paging } from "../../../../../client/paging.ts";
import { readJobFilters } from "../../../../../features/jobs/job-filter.ts";
import { JobTable } from "../../../../../features/jobs/jobs-screen.tsx";
import { Prepared, readSearchParams, type SearchParams, titled } from "../../../../../server/page.tsx";

export const generateMetadata = titled("server.tab.jobs");

interface Props {
  params: Promise<{ serverId: string }>;
  searchParams: SearchParams;
}

export default async function ServerJobsPage({ params, searchParams }: Props) {
  const { serverId } = await params;
  const filters = readJobFilters(await readSearchParams(searchParams), serverId);
  return (
    <Prepared asks={(trpc) => [trpc.jobs.list.infiniteQueryOptions(filters, paging)]}>
      <JobTable serverId={serverId} />
    </Prepared>
  );
}
