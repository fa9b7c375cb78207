import { paging } from "../../../../client/paging.ts";
import { PackagesScreen } from "../../../../features/updates/packages-screen.tsx";
import { readPackageFilters } from "../../../../features/updates/update-filters.ts";
import { Prepared, readSearchParams, type SearchParams, titled } from "../../../../server/page.tsx";

export const generateMetadata = titled("updates.tab.packages");

export default async function PackagesPage({ searchParams }: { searchParams: SearchParams }) {
  const filters = readPackageFilters(await readSearchParams(searchParams));
  return (
    <Prepared
      asks={(trpc) => [
        ...(filters.search === "" ? [] : [trpc.updates.search.infiniteQueryOptions(filters, paging)]),
        trpc.tenants.list.queryOptions(),
      ]}
    >
      <PackagesScreen />
    </Prepared>
  );
}
