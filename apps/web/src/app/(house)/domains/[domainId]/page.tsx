import { RecordsScreen } from "../../../../features/domains/records-screen.tsx";

export default async function DomainPage({ params }: { params: Promise<{ domainId: string }> }) {
  return <RecordsScreen domainId={(await params).domainId} />;
}
