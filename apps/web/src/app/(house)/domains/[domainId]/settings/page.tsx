import { MailSettingsScreen } from "../../../../../features/domains/mail-settings-screen.tsx";
import { Prepared, titled } from "../../../../../server/page.tsx";

export const generateMetadata = titled("domain.tab.settings");

export default async function MailSettingsPage({ params }: { params: Promise<{ domainId: string }> }) {
  const { domainId } = await params;
  return (
    <Prepared
      asks={(trpc) => [
        trpc.domains.mailSettings.queryOptions({ domainId }),
        trpc.domains.mtaSts.queryOptions({ domainId }),
      ]}
    >
      <MailSettingsScreen domainId={domainId} />
    </Prepared>
  );
}
