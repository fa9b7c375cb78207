import { DomainCertificates } from "../../../../features/domains/domain-certificates.tsx";
import { DomainServersPanel } from "../../../../features/domains/domain-servers-panel.tsx";
import { RecordsScreen } from "../../../../features/domains/records-screen.tsx";
import { Prepared } from "../../../../server/page.tsx";

export default async function DomainPage({ params }: { params: Promise<{ domainId: string }> }) {
  const { domainId } = await params;
  return (
    <Prepared
      asks={(trpc) => [
        trpc.publishing.connections.queryOptions({}),
        trpc.withdrawals.list.queryOptions({}),
        trpc.zones.list.queryOptions({}),
        trpc.certificates.list.queryOptions({ domainId }),
        trpc.certificates.authority.queryOptions(),
      ]}
    >
      <div className="grid gap-4">
        <RecordsScreen domainId={domainId} />
        <DomainServersPanel domainId={domainId} />
        <DomainCertificates domainId={domainId} />
      </div>
    </Prepared>
  );
}
