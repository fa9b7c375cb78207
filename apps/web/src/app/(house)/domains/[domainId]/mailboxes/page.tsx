import { paging } from "../../../../../client/paging.ts";
import { AccountAlertsPanel } from "../../../../../features/accounts/account-alerts-panel.tsx";
import { readMailboxFilters } from "../../../../../features/mailboxes/mailbox-filters.ts";
import { DomainMailboxes } from "../../../../../features/mailboxes/mailboxes-screen.tsx";
import { Prepared, readSearchParams, type SearchParams, titled } from "../../../../../server/page.tsx";

export const generateMetadata = titled("domain.tab.mailboxes");

interface Props {
  params: Promise<{ domainId: string }>;
  searchParams: SearchParams;
}

export default async function DomainMailboxesPage({ params, searchParams }: Props) {
  const { domainId } = await params;
  const filters = readMailboxFilters(await readSearchParams(searchParams), domainId);
  return (
    <Prepared
      asks={(trpc) => [
        trpc.mailboxes.find.infiniteQueryOptions(filters, paging),
        trpc.accounts.list.queryOptions({ domainId }),
      ]}
    >
      <AccountAlertsPanel of={{ domainId }} className="mb-4" />
      <DomainMailboxes domainId={domainId} />
    </Prepared>
  );
}
