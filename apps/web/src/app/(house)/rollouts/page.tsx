import { paging } from "../../../client/paging.ts";
import { openRollouts, pastRollouts } from "../../../features/rollouts/questions.ts";
import { RolloutsScreen } from "../../../features/rollouts/rollouts-screen.tsx";
import { Prepared, titled } from "../../../server/page.tsx";

export const generateMetadata = titled("rollouts.title");

export default function RolloutsPage() {
  return (
    <Prepared
      asks={(trpc) => [
        trpc.rollouts.list.queryOptions(openRollouts),
        trpc.rollouts.list.infiniteQueryOptions(pastRollouts, paging),
      ]}
    >
      <RolloutsScreen />
    </Prepared>
  );
}
