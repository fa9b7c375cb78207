import { paging } from "../../../../client/paging.ts";
import { CvesScreen } from "../../../../features/updates/cves-screen.tsx";
import { readCveFilters } from "../../../../features/updates/update-filters.ts";
import { Prepared, readSearchParams, type SearchParams, titled } from "../../../../server/page.tsx";

export const generateMetadata = titled("updates.tab.cves");

export default async function CvesPage({ searchParams }: { searchParams: SearchParams }) {
  const filters = readCveFilters(await readSearchParams(searchParams));
  return (
    <Prepared
      asks={(trpc) => [
        trpc.updates.cves.infiniteQueryOptions(filters, paging),
        trpc.updates.securityLists.queryOptions(),
        trpc.tenants.list.queryOptions(),
      ]}
    >
      <CvesScreen />
    </Prepared>
  );
}
