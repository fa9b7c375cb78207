import { EncryptionScreen } from "../../../../features/deliverability/encryption-screen.tsx";
import { fleetAsk, readFleetFilters } from "../../../../features/deliverability/fleet-filters.ts";
import { Prepared, readSearchParams, type SearchParams, titled } from "../../../../server/page.tsx";

export const generateMetadata = titled("tls.title");

export default async function EncryptionPage({ searchParams }: { searchParams: SearchParams }) {
  const filters = readFleetFilters(await readSearchParams(searchParams));
  return (
    <Prepared
      asks={(trpc) => [
        trpc.deliverability.tls.queryOptions(fleetAsk(filters)),
        trpc.tenants.list.queryOptions(),
      ]}
    >
      <EncryptionScreen />
    </Prepared>
  );
}
