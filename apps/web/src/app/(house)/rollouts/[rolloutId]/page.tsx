import { paging } from "../../../../client/paging.ts";
import { isFiltered, readMemberFilters } from "../../../../features/rollouts/member-filters.ts";
import { RolloutScreen } from "../../../../features/rollouts/rollout-screen.tsx";
import { Prepared, readSearchParams, type SearchParams, titledBy } from "../../../../server/page.tsx";

type Params = Promise<{ rolloutId: string }>;

export async function generateMetadata({ params }: { params: Params }) {
  const { rolloutId } = await params;
  return titledBy(async (caller, { t }) => {
    const { title } = await caller.rollouts.get({ rolloutId });
    return title ?? t("rollout.untitled");
  });
}

export default async function RolloutPage({
  params,
  searchParams,
}: {
  params: Params;
  searchParams: SearchParams;
}) {
  const { rolloutId } = await params;
  const search = await readSearchParams(searchParams);
  const filters = readMemberFilters(search);
  const serverId = search.get("server");
  return (
    <Prepared
      asks={(trpc) => [
        trpc.rollouts.get.queryOptions({ rolloutId }),
        trpc.rollouts.cells.queryOptions({ rolloutId }),
        trpc.rollouts.marks.queryOptions({ rolloutId, ...(isFiltered(filters) ? filters : {}) }),
        trpc.rollouts.outputs.queryOptions({ rolloutId }),
        trpc.rollouts.health.infiniteQueryOptions({ rolloutId }, paging),
        trpc.rollouts.members.infiniteQueryOptions({ rolloutId, ...filters }, paging),
        trpc.tenants.list.queryOptions(),
        ...(serverId === null ? [] : [trpc.rollouts.member.queryOptions({ rolloutId, serverId })]),
      ]}
    >
      <RolloutScreen key={rolloutId} rolloutId={rolloutId} />
    </Prepared>
  );
}
