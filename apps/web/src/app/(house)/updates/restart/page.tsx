import { paging } from "../../../../client/paging.ts";
import { RestartScreen } from "../../../../features/updates/restart-screen.tsx";
import { readRestartFilters } from "../../../../features/updates/update-filters.ts";
import { Prepared, readSearchParams, type SearchParams, titled } from "../../../../server/page.tsx";

export const generateMetadata = titled("updates.tab.restart");

export default async function RestartPage({ searchParams }: { searchParams: SearchParams }) {
  const filters = readRestartFilters(await readSearchParams(searchParams));
  return (
    <Prepared
      asks={(trpc) => [
        trpc.updates.toRestart.infiniteQueryOptions(filters, paging),
        trpc.tenants.list.queryOptions(),
      ]}
    >
      <RestartScreen />
    </Prepared>
  );
}
