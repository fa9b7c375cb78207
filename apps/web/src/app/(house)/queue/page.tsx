import { QueuesScreen } from "../../../features/mail-queue/queues-screen.tsx";
import { Prepared, titled } from "../../../server/page.tsx";

export const generateMetadata = titled("queue.title");

export default function QueuePage() {
  return (
    <Prepared asks={(trpc) => [trpc.mailQueue.list.queryOptions({})]}>
      <QueuesScreen />
    </Prepared>
  );
}
