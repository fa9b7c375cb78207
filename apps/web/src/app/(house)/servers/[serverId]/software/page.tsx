import { paging } from "../../../../../client/paging.ts";
import { SoftwareScreen } from "../../../../../features/updates/software-screen.tsx";
import { readUpdateFilters } from "../../../../../features/updates/update-filters.ts";
import { Prepared, readSearchParams, type SearchParams, titled } from "../../../../../server/page.tsx";

export const generateMetadata = titled("software.tab.title");

export default async function SoftwarePage({
  params,
  searchParams,
}: {
  params: Promise<{ serverId: string }>;
  searchParams: SearchParams;
}) {
  const { serverId } = await params;
  const { search } = readUpdateFilters(await readSearchParams(searchParams));
  return (
    <Prepared
      asks={(trpc) => [
        trpc.updates.ofServer.queryOptions({ serverId }),
        trpc.updates.packagesOf.infiniteQueryOptions({ serverId, search }, paging),
      ]}
    >
      <SoftwareScreen serverId={serverId} />
    </Prepared>
  );
}
