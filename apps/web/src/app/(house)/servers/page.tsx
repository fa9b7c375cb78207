import { listFilters } from "@mailstead/services/saved-filters";
import { redirect } from "next/navigation";
import { paging } from "../../../client/paging.ts";
import { readServerFilters } from "../../../features/servers/server-filters.ts";
import { ServersScreen } from "../../../features/servers/servers-screen.tsx";
import {
  Prepared,
  readSearchParams,
  requireMember,
  type SearchParams,
  titled,
} from "../../../server/page.tsx";

export const generateMetadata = titled("servers.title");

export default async function ServersPage({ searchParams }: { searchParams: SearchParams }) {
  const params = await readSearchParams(searchParams);
  // An address that asks for nothing is the way in, where a person's own filter comes first.
  if (params.size === 0) {
    const { services } = await requireMember();
    const own = (await listFilters(services, { list: "servers" })).find(({ isDefault }) => isDefault);
    if (own !== undefined) redirect(`/servers?${own.query}`);
  }
  const filters = readServerFilters(params);
  return (
    <Prepared
      asks={(trpc) => [
        trpc.servers.list.infiniteQueryOptions(filters, paging),
        trpc.tenants.list.queryOptions(),
        trpc.tags.list.queryOptions(),
        trpc.savedFilters.list.queryOptions({ list: "servers" }),
      ]}
    >
      <ServersScreen />
    </Prepared>
  );
}
