import { paging } from "../../../client/paging.ts";
import { readServerFilters } from "../../../features/servers/server-filters.ts";
import { ServersScreen } from "../../../features/servers/servers-screen.tsx";
import { Prepared, readSearchParams, type SearchParams, titled } from "../../../server/page.tsx";

export const generateMetadata = titled("servers.title");

export default async function ServersPage({ searchParams }: { searchParams: SearchParams }) {
  const filters = readServerFilters(await readSearchParams(searchParams));
  return (
    <Prepared
      asks={(trpc) => [
        trpc.servers.list.infiniteQueryOptions(filters, paging),
        trpc.tenants.list.queryOptions(),
        trpc.tags.list.queryOptions(),
      ]}
    >
      <ServersScreen />
    </Prepared>
  );
}
