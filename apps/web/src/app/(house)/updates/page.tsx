import { paging } from "../../../client/paging.ts";
import { readUpdateFilters } from "../../../features/updates/update-filters.ts";
import { UpdatesScreen } from "../../../features/updates/updates-screen.tsx";
import { Prepared, readSearchParams, type SearchParams, titled } from "../../../server/page.tsx";

export const generateMetadata = titled("updates.title");

export default async function UpdatesPage({ searchParams }: { searchParams: SearchParams }) {
  const filters = readUpdateFilters(await readSearchParams(searchParams));
  return (
    <Prepared
      asks={(trpc) => [
        trpc.updates.waiting.infiniteQueryOptions(filters, paging),
        trpc.updates.overview.queryOptions({ tenantId: filters.tenantId }),
        trpc.tenants.list.queryOptions(),
      ]}
    >
      <UpdatesScreen />
    </Prepared>
  );
}
