import { SettingsScreen } from "../../../features/access/settings-screen.tsx";
import { Prepared, titled } from "../../../server/page.tsx";

export const generateMetadata = titled("settings.title");

export default function SettingsPage() {
  return (
    <Prepared
      asks={(trpc) => [
        trpc.access.me.queryOptions(),
        trpc.access.sessions.queryOptions(),
        trpc.access.digestWish.queryOptions(),
        trpc.publishing.connections.queryOptions({}),
        trpc.feeds.list.queryOptions({}),
        trpc.withdrawals.list.queryOptions({}),
        trpc.certificates.authority.queryOptions(),
        trpc.certificates.removed.queryOptions({}),
        trpc.dkimDelegation.zone.queryOptions(),
      ]}
    >
      <SettingsScreen />
    </Prepared>
  );
}
