import { HomeScreen } from "../../features/home/home-screen.tsx";
import { recentJobs } from "../../features/home/recent-jobs.ts";
import { Prepared, titled } from "../../server/page.tsx";

export const generateMetadata = titled("home.title");

export default function HomePage() {
  return (
    <Prepared asks={(trpc) => [trpc.home.overview.queryOptions(), trpc.jobs.list.queryOptions(recentJobs)]}>
      <HomeScreen />
    </Prepared>
  );
}
