import { InstallScreen } from "../../../../../features/servers/install-screen.tsx";
import { Prepared, titled } from "../../../../../server/page.tsx";

export const generateMetadata = titled("server.tab.install");

export default async function InstallPage({ params }: { params: Promise<{ serverId: string }> }) {
  const { serverId } = await params;
  return (
    <Prepared
      asks={(trpc) => [
        trpc.servers.preview.queryOptions({ serverId }),
        trpc.jobs.list.queryOptions({ serverId, filter: "active" }),
      ]}
    >
      <InstallScreen serverId={serverId} />
    </Prepared>
  );
}
