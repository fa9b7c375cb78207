import { QueueScreen } from "../../../../../features/mail-queue/queue-screen.tsx";
import { Prepared, titled } from "../../../../../server/page.tsx";

export const generateMetadata = titled("queue.tab.title");

export default async function ServerQueuePage({ params }: { params: Promise<{ serverId: string }> }) {
  const { serverId } = await params;
  return (
    <Prepared asks={(trpc) => [trpc.servers.get.queryOptions({ serverId })]}>
      <QueueScreen serverId={serverId} />
    </Prepared>
  );
}
