import { paging } from "../../../../client/paging.ts";
import { readSenderFilters } from "../../../../features/deliverability/sender-filters.ts";
import { SendersScreen } from "../../../../features/deliverability/senders-screen.tsx";
import { Prepared, readSearchParams, type SearchParams, titled } from "../../../../server/page.tsx";

export const generateMetadata = titled("senders.title");

export default async function SendersPage({ searchParams }: { searchParams: SearchParams }) {
  const filters = readSenderFilters(await readSearchParams(searchParams));
  return (
    <Prepared
      asks={(trpc) => [
        trpc.deliverability.senders.infiniteQueryOptions(filters, paging),
        trpc.tenants.list.queryOptions(),
      ]}
    >
      <SendersScreen />
    </Prepared>
  );
}
