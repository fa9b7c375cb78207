import { paging } from "../../../client/paging.ts";
import { readDomainFilters } from "../../../features/domains/domain-filters.ts";
import { DomainsScreen } from "../../../features/domains/domains-screen.tsx";
import { Prepared, readSearchParams, type SearchParams, titled } from "../../../server/page.tsx";

export const generateMetadata = titled("domains.title");

export default async function DomainsPage({ searchParams }: { searchParams: SearchParams }) {
  const filters = readDomainFilters(await readSearchParams(searchParams));
  return (
    <Prepared
      asks={(trpc) => [
        trpc.domains.list.infiniteQueryOptions(filters, paging),
        trpc.tenants.list.queryOptions(),
      ]}
    >
      <DomainsScreen />
    </Prepared>
  );
}
