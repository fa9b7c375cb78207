import { AccountAlertsPanel } from "../../../../../features/accounts/account-alerts-panel.tsx";
import { BlockListsPanel } from "../../../../../features/block-lists/block-lists-panel.tsx";
import { DeliverabilityScreen } from "../../../../../features/deliverability/deliverability-screen.tsx";
import { readSpan } from "../../../../../features/deliverability/spans.ts";
import { ServerSummary } from "../../../../../features/deliverability/summary-cards.tsx";
import { ServerToldPanel } from "../../../../../features/feeds/told-panel.tsx";
import { FindingsOfSubject } from "../../../../../features/findings/findings-of-subject.tsx";
import { VerdictsPanel } from "../../../../../features/verdicts/verdicts-panel.tsx";
import { Prepared, readSearchParams, type SearchParams, titled } from "../../../../../server/page.tsx";

export const generateMetadata = titled("deliverability.tab.title");

interface Props {
  params: Promise<{ serverId: string }>;
  searchParams: SearchParams;
}

export default async function ServerDeliverabilityPage({ params, searchParams }: Props) {
  const { serverId } = await params;
  const span = readSpan(await readSearchParams(searchParams));
  return (
    <Prepared
      asks={(trpc) => [
        trpc.deliverability.server.queryOptions({ serverId, span }),
        trpc.findings.list.queryOptions({ serverId }),
        trpc.accounts.list.queryOptions({ serverId }),
        trpc.blockLists.ofServer.queryOptions({ serverId }),
        trpc.measures.list.queryOptions({ serverId }),
        trpc.feeds.server.queryOptions({ serverId }),
        trpc.deliverability.serverReputation.queryOptions({ serverId, span }),
        trpc.verdicts.server.queryOptions({ serverId, span }),
      ]}
    >
      <div className="grid gap-4">
        <ServerSummary serverId={serverId} />
        <FindingsOfSubject subject={{ serverId }} />
        <AccountAlertsPanel of={{ serverId }} />
        <DeliverabilityScreen subject={{ kind: "server", serverId }} />
        <BlockListsPanel serverId={serverId} />
        <VerdictsPanel serverId={serverId} />
        <ServerToldPanel serverId={serverId} />
      </div>
    </Prepared>
  );
}
