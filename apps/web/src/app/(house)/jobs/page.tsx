import { paging } from "../../../client/paging.ts";
import { readJobFilters } from "../../../features/jobs/job-filter.ts";
import { JobsScreen } from "../../../features/jobs/jobs-screen.tsx";
import { Prepared, readSearchParams, type SearchParams, titled } from "../../../server/page.tsx";

export const generateMetadata = titled("jobs.title");

export default async function JobsPage({ searchParams }: { searchParams: SearchParams }) {
  const filters = readJobFilters(await readSearchParams(searchParams));
  return (
    <Prepared
      asks={(trpc) => [
        trpc.jobs.list.infiniteQueryOptions(filters, paging),
        trpc.tenants.list.queryOptions(),
      ]}
    >
      <JobsScreen />
    </Prepared>
  );
}
