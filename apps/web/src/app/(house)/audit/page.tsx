import { paging } from "../../../client/paging.ts";
import { auditQuery } from "../../../features/audit/audit-query.ts";
import { AuditScreen } from "../../../features/audit/audit-screen.tsx";
import { Prepared, readSearchParams, type SearchParams, titled } from "../../../server/page.tsx";

export const generateMetadata = titled("audit.title");

export default async function AuditPage({ searchParams }: { searchParams: SearchParams }) {
  const search = (await readSearchParams(searchParams)).get("q") ?? "";
  return (
    <Prepared asks={(trpc) => [trpc.audit.list.infiniteQueryOptions(auditQuery(search), paging)]}>
      <AuditScreen />
    </Prepared>
  );
}
