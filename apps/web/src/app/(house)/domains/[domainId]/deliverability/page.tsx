import { DeliverabilityScreen } from "../../../../../features/deliverability/deliverability-screen.tsx";
import { readSpan } from "../../../../../features/deliverability/spans.ts";
import { SenderRulesPanel } from "../../../../../features/sender-rules/sender-rules-panel.tsx";
import { Prepared, readSearchParams, type SearchParams, titled } from "../../../../../server/page.tsx";

export const generateMetadata = titled("deliverability.tab.title");

interface Props {
  params: Promise<{ domainId: string }>;
  searchParams: SearchParams;
}

export default async function DomainDeliverabilityPage({ params, searchParams }: Props) {
  const { domainId } = await params;
  const span = readSpan(await readSearchParams(searchParams));
  return (
    <Prepared
      asks={(trpc) => [
        trpc.deliverability.domain.queryOptions({ domainId, span }),
        trpc.senderRules.domain.queryOptions({ domainId }),
      ]}
    >
      <div className="grid gap-5">
        <DeliverabilityScreen subject={{ kind: "domain", domainId }} />
        <SenderRulesPanel domainId={domainId} />
      </div>
    </Prepared>
  );
}
