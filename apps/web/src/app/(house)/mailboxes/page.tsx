import { paging } from "../../../client/paging.ts";
import { mailboxQuery } from "../../../features/mailboxes/mailbox-query.ts";
import { MailboxesScreen } from "../../../features/mailboxes/mailboxes-screen.tsx";
import { Prepared, readSearchParams, type SearchParams, titled } from "../../../server/page.tsx";

export const generateMetadata = titled("mailboxes.title");

export default async function MailboxesPage({ searchParams }: { searchParams: SearchParams }) {
  const search = (await readSearchParams(searchParams)).get("q") ?? "";
  return (
    <Prepared
      asks={(trpc) => [trpc.mailboxes.find.infiniteQueryOptions(mailboxQuery(undefined, search), paging)]}
    >
      <MailboxesScreen />
    </Prepared>
  );
}
