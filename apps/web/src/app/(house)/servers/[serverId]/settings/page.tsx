import { ServerSettingsScreen } from "../../../../../features/servers/server-settings-screen.tsx";
import { Prepared, titled } from "../../../../../server/page.tsx";

export const generateMetadata = titled("server.tab.settings");

export default async function ServerSettingsPage({ params }: { params: Promise<{ serverId: string }> }) {
  const { serverId } = await params;
  return (
    <Prepared
      asks={(trpc) => [
        trpc.servers.settings.queryOptions({ serverId }),
        trpc.servers.smarthostChanges.queryOptions({ serverId }),
        trpc.maintenance.place.queryOptions({ serverId }),
      ]}
    >
      <ServerSettingsScreen serverId={serverId} />
    </Prepared>
  );
}
