import { paging } from "../../../../../client/paging.ts";
import { CveScreen } from "../../../../../features/updates/cve-screen.tsx";
import { readCveFilters } from "../../../../../features/updates/update-filters.ts";
import { Prepared, readSearchParams, type SearchParams, titledBy } from "../../../../../server/page.tsx";

type Params = Promise<{ cve: string }>;

const asTyped = (cve: string) => decodeURIComponent(cve).slice(0, 100);

export async function generateMetadata({ params }: { params: Params }) {
  const cve = asTyped((await params).cve);
  return titledBy(async (_, { t }) => t("cve.title", { cve }));
}

export default async function CvePage({
  params,
  searchParams,
}: {
  params: Params;
  searchParams: SearchParams;
}) {
  const cve = asTyped((await params).cve);
  const { tenantId, fix } = readCveFilters(await readSearchParams(searchParams));
  return (
    <Prepared
      asks={(trpc) => [
        trpc.updates.openTo.infiniteQueryOptions({ cve, tenantId, fix }, paging),
        trpc.updates.securityLists.queryOptions(),
        trpc.tenants.list.queryOptions(),
      ]}
    >
      <CveScreen key={cve} cve={cve} />
    </Prepared>
  );
}
