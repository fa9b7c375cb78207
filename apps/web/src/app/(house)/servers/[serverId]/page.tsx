import { ServerScreen } from "../../../../features/servers/server-screen.tsx";
import { Prepared } from "../../../../server/page.tsx";

export default async function ServerPage({ params }: { params: Promise<{ serverId: string }> }) {
  const { serverId } = await params;
  return (
    <Prepared
      asks={(trpc) => [
        trpc.jobs.list.queryOptions({ serverId, limit: 6 }),
        trpc.servers.outside.queryOptions({ serverId }),
        trpc.measures.list.queryOptions({ serverId }),
        trpc.measures.warmUps.queryOptions({ serverId }),
        trpc.certificates.list.queryOptions({ serverId }),
        trpc.certificates.authority.queryOptions(),
      ]}
    >
      <ServerScreen serverId={serverId} />
    </Prepared>
  );
}
