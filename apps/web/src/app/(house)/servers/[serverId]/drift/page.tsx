import { DriftScreen } from "../../../../../features/servers/drift-screen.tsx";
import { Prepared } from "../../../../../server/page.tsx";

export default async function DriftPage({ params }: { params: Promise<{ serverId: string }> }) {
  const { serverId } = await params;
  return (
    <Prepared asks={(trpc) => [trpc.servers.drift.queryOptions({ serverId })]}>
      <DriftScreen serverId={serverId} />
    </Prepared>
  );
}
