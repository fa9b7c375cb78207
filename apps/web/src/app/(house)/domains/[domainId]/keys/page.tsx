import { KeysScreen } from "../../../../../features/domains/keys-screen.tsx";

export default async function KeysPage({ params }: { params: Promise<{ domainId: string }> }) {
  return <KeysScreen domainId={(await params).domainId} />;
}
