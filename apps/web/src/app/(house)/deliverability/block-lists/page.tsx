import { FleetBlockListsScreen } from "../../../../features/deliverability/fleet-block-lists-screen.tsx";
import { readFleetFilters } from "../../../../features/deliverability/fleet-filters.ts";
import { Prepared, readSearchParams, type SearchParams, titled } from "../../../../server/page.tsx";

export const generateMetadata = titled("lists.title");

export default async function FleetBlockListsPage({ searchParams }: { searchParams: SearchParams }) {
  const { tenantId } = readFleetFilters(await readSearchParams(searchParams));
  return (
    <Prepared
      asks={(trpc) => [
        trpc.blockLists.ofFleet.queryOptions(tenantId === undefined ? {} : { tenantId }),
        trpc.tenants.list.queryOptions(),
      ]}
    >
      <FleetBlockListsScreen />
    </Prepared>
  );
}
