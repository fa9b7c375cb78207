import { DeliverabilityScreen } from "../../../../../features/deliverability/deliverability-screen.tsx";
import { ReportsSection } from "../../../../../features/deliverability/reports-section.tsx";
import { readSpan } from "../../../../../features/deliverability/spans.ts";
import { DomainSummary } from "../../../../../features/deliverability/summary-cards.tsx";
import { DomainToldPanel } from "../../../../../features/feeds/told-panel.tsx";
import { FindingsOfSubject } from "../../../../../features/findings/findings-of-subject.tsx";
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
        trpc.findings.list.queryOptions({ domainId }),
        trpc.deliverability.reports.queryOptions({ domainId, span }),
        trpc.feeds.domain.queryOptions({ domainId }),
        trpc.deliverability.domainReputation.queryOptions({ domainId, span }),
        trpc.senderRules.domain.queryOptions({ domainId }),
      ]}
    >
      <div className="grid gap-4">
        <DomainSummary domainId={domainId} />
        <FindingsOfSubject subject={{ domainId }} />
        <DeliverabilityScreen subject={{ kind: "domain", domainId }} />
        <SenderRulesPanel domainId={domainId} />
        <ReportsSection domainId={domainId} />
        <DomainToldPanel domainId={domainId} />
      </div>
    </Prepared>
  );
}
