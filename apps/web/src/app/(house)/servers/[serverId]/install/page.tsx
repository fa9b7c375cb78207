import { InstallScreen } from "../../../../../features/servers/install-screen.tsx";
import { Prepared } from "../../../../../server/page.tsx";

export default async function InstallPage({ params }: { params: Promise<{ serverId: string }> }) {
  const { serverId } = await params;
  return (
    <Prepared asks={(trpc) => [trpc.servers.preview.queryOptions({ serverId })]}>
      <InstallScreen serverId={serverId} />
    </Prepared>
  );
}
