import { paging } from "../../../client/paging.ts";
import { AuditScreen } from "../../../features/audit/audit-screen.tsx";
import { Prepared, titled } from "../../../server/page.tsx";

export const generateMetadata = titled("audit.title");

export default function AuditPage() {
  return (
    <Prepared asks={(trpc) => [trpc.audit.list.infiniteQueryOptions({}, paging)]}>
      <AuditScreen />
    </Prepared>
  );
}
