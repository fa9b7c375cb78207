import type { ReactNode } from "react";
import { DomainLayout } from "../../../../features/domains/domain-layout.tsx";
import { Prepared, titledParts } from "../../../../server/page.tsx";

type Params = Promise<{ domainId: string }>;

export async function generateMetadata({ params }: { params: Params }) {
  const { domainId } = await params;
  return titledParts(async (caller) => (await caller.domains.get({ domainId })).unicodeName);
}

export default async function DomainPagesLayout({
  params,
  children,
}: {
  params: Params;
  children: ReactNode;
}) {
  const { domainId } = await params;
  return (
    <Prepared
      asks={(trpc) => [
        trpc.domains.get.queryOptions({ domainId }),
        trpc.tenants.list.queryOptions(),
        trpc.zones.list.queryOptions({}),
      ]}
    >
      <DomainLayout domainId={domainId}>{children}</DomainLayout>
    </Prepared>
  );
}
