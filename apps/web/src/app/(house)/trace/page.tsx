import { TraceScreen } from "../../../features/trace/trace-screen.tsx";
import { Prepared, titled } from "../../../server/page.tsx";

export const generateMetadata = titled("trace.title");

export default function TracePage() {
  return (
    <Prepared asks={(trpc) => [trpc.mailQueue.list.queryOptions({})]}>
      <TraceScreen />
    </Prepared>
  );
}
