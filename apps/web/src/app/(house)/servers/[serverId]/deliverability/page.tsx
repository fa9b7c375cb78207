import { DeliverabilityScreen } from "../../../../../features/deliverability/deliverability-screen.tsx";
import { readSpan } from "../../../../../features/deliverability/spans.ts";
import { FindingsOfSubject } from "../../../../../features/findings/findings-of-subject.tsx";
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
      ]}
    >
      <div className="grid gap-4">
        <FindingsOfSubject subject={{ serverId }} />
        <DeliverabilityScreen subject={{ kind: "server", serverId }} />
      </div>
    </Prepared>
  );
}
