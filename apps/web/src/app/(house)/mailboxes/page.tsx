import { paging } from "../../../client/paging.ts";
import { AccountAlertsPanel } from "../../../features/accounts/account-alerts-panel.tsx";
import { readMailboxFilters } from "../../../features/mailboxes/mailbox-filters.ts";
import { MailboxesScreen } from "../../../features/mailboxes/mailboxes-screen.tsx";
import { Prepared, readSearchParams, type SearchParams, titled } from "../../../server/page.tsx";

export const generateMetadata = titled("mailboxes.title");

export default async function MailboxesPage({ searchParams }: { searchParams: SearchParams }) {
  const filters = readMailboxFilters(await readSearchParams(searchParams));
  return (
    <Prepared
      asks={(trpc) => [
        trpc.mailboxes.find.infiniteQueryOptions(filters, paging),
        trpc.accounts.list.queryOptions({}),
        trpc.tenants.list.queryOptions(),
      ]}
    >
      <MailboxesScreen />
      <AccountAlertsPanel of={{}} className="mt-4" />
    </Prepared>
  );
}
