import { DeliverabilityScreen } from "../../../../../features/deliverability/deliverability-screen.tsx";
import { readSpan } from "../../../../../features/deliverability/spans.ts";
import { ServerToldPanel } from "../../../../../features/feeds/told-panel.tsx";
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
        trpc.measures.list.queryOptions({ serverId }),
        trpc.feeds.server.queryOptions({ serverId }),
        trpc.deliverability.serverReputation.queryOptions({ serverId, span }),
      ]}
    >
      <DeliverabilityScreen subject={{ kind: "server", serverId }} />
      <ServerToldPanel serverId={serverId} />
    </Prepared>
  );
}
