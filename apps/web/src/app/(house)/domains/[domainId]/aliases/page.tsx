import { paging } from "../../../../../client/paging.ts";
import { aliasQuery } from "../../../../../features/mailboxes/alias-query.ts";
import { AliasesScreen } from "../../../../../features/mailboxes/aliases-screen.tsx";
import { Prepared, readSearchParams, type SearchParams, titled } from "../../../../../server/page.tsx";

export const generateMetadata = titled("domain.tab.aliases");

interface Props {
  params: Promise<{ domainId: string }>;
  searchParams: SearchParams;
}

export default async function AliasesPage({ params, searchParams }: Props) {
  const { domainId } = await params;
  const search = (await readSearchParams(searchParams)).get("q") ?? "";
  return (
    <Prepared
      asks={(trpc) => [trpc.mailboxes.aliases.infiniteQueryOptions(aliasQuery(domainId, search), paging)]}
    >
      <AliasesScreen domainId={domainId} />
    </Prepared>
  );
}
