import { paging } from "../../../client/paging.ts";
import { fleetAsk, readFleetFilters, standingsAsk } from "../../../features/deliverability/fleet-filters.ts";
import { FleetScreen } from "../../../features/deliverability/fleet-screen.tsx";
import { Prepared, readSearchParams, type SearchParams, titled } from "../../../server/page.tsx";

export const generateMetadata = titled("deliverability.title");

export default async function DeliverabilityPage({ searchParams }: { searchParams: SearchParams }) {
  const filters = readFleetFilters(await readSearchParams(searchParams));
  return (
    <Prepared
      asks={(trpc) => [
        trpc.deliverability.fleet.queryOptions(fleetAsk(filters)),
        trpc.deliverability.standings.infiniteQueryOptions(standingsAsk(filters), paging),
        trpc.tenants.list.queryOptions(),
      ]}
    >
      <FleetScreen />
    </Prepared>
  );
}
