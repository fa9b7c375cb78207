import { AliasesScreen } from "../../../../../features/mailboxes/aliases-screen.tsx";
import { Prepared } from "../../../../../server/page.tsx";

export default async function AliasesPage({ params }: { params: Promise<{ domainId: string }> }) {
  const { domainId } = await params;
  return (
    <Prepared asks={(trpc) => [trpc.mailboxes.aliases.queryOptions({ domainId })]}>
      <AliasesScreen domainId={domainId} />
    </Prepared>
  );
}
