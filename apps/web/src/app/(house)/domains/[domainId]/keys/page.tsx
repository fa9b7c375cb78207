import { KeysScreen } from "../../../../../features/domains/keys-screen.tsx";
import { Prepared, titled } from "../../../../../server/page.tsx";

export const generateMetadata = titled("domain.tab.keys");

export default async function KeysPage({ params }: { params: Promise<{ domainId: string }> }) {
  const { domainId } = await params;
  return (
    <Prepared
      asks={(trpc) => [
        trpc.rotations.get.queryOptions({ domainId }),
        trpc.dkimDelegation.domain.queryOptions({ domainId }),
      ]}
    >
      <KeysScreen domainId={domainId} />
    </Prepared>
  );
}
