import { HomeScreen } from "../../features/home/home-screen.tsx";
import { recentJobs } from "../../features/home/recent-jobs.ts";
import { openRollouts } from "../../features/rollouts/questions.ts";
import { Prepared, titled } from "../../server/page.tsx";

export const generateMetadata = titled("home.title");

export default function HomePage() {
  return (
    <Prepared
      asks={(trpc) => [
        trpc.home.overview.queryOptions(),
        trpc.jobs.list.queryOptions(recentJobs),
        trpc.rollouts.list.queryOptions(openRollouts),
      ]}
    >
      <HomeScreen />
    </Prepared>
  );
}
