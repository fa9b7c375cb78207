import { readForm, readNewRollout } from "../../../../features/rollouts/new-rollout.ts";
import { NewRolloutScreen } from "../../../../features/rollouts/new-rollout-screen.tsx";
import { Prepared, readSearchParams, type SearchParams, titled } from "../../../../server/page.tsx";

export const generateMetadata = titled("rollout.new.title");

export default async function NewRolloutPage({ searchParams }: { searchParams: SearchParams }) {
  const { input } = readForm(readNewRollout(await readSearchParams(searchParams)));
  return (
    <Prepared
      asks={(trpc) => [
        ...(input === null ? [] : [trpc.rollouts.preview.queryOptions(input)]),
        trpc.tenants.list.queryOptions(),
      ]}
    >
      <NewRolloutScreen />
    </Prepared>
  );
}
