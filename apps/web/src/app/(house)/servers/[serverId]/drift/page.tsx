import { DriftScreen } from "../../../../../features/servers/drift-screen.tsx";
import { Prepared, titled } from "../../../../../server/page.tsx";

export const generateMetadata = titled("server.tab.drift");

export default async function DriftPage({ params }: { params: Promise<{ serverId: string }> }) {
  const { serverId } = await params;
  return (
    <Prepared asks={(trpc) => [trpc.servers.drift.queryOptions({ serverId })]}>
      <DriftScreen serverId={serverId} />
    </Prepared>
  );
}
