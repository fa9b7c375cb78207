import { AlertsScreen } from "../../../../features/alerts/alerts-screen.tsx";
import { Prepared, titled } from "../../../../server/page.tsx";

export const generateMetadata = titled("alerts.title");

export default function AlertsPage() {
  return (
    <Prepared asks={(trpc) => [trpc.alerts.settings.queryOptions()]}>
      <AlertsScreen />
    </Prepared>
  );
}
