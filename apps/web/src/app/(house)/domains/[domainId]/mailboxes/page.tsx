import { paging } from "../../../../../client/paging.ts";
import { mailboxQuery } from "../../../../../features/mailboxes/mailbox-query.ts";
import { DomainMailboxes } from "../../../../../features/mailboxes/mailboxes-screen.tsx";
import { Prepared, readSearchParams, type SearchParams } from "../../../../../server/page.tsx";

interface Props {
  params: Promise<{ domainId: string }>;
  searchParams: SearchParams;
}

export default async function DomainMailboxesPage({ params, searchParams }: Props) {
  const { domainId } = await params;
  const search = (await readSearchParams(searchParams)).get("q") ?? "";
  return (
    <Prepared
      asks={(trpc) => [trpc.mailboxes.find.infiniteQueryOptions(mailboxQuery(domainId, search), paging)]}
    >
      <DomainMailboxes domainId={domainId} />
    </Prepared>
  );
}
