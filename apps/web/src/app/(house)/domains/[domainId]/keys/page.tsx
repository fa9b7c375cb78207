import { KeysScreen } from "../../../../../features/domains/keys-screen.tsx";
import { titled } from "../../../../../server/page.tsx";

export const generateMetadata = titled("domain.tab.keys");

export default async function KeysPage({ params }: { params: Promise<{ domainId: string }> }) {
  return <KeysScreen domainId={(await params).domainId} />;
}
