import { MaintenanceScreen } from "../../../../features/maintenance/maintenance-screen.tsx";
import { Prepared, titled } from "../../../../server/page.tsx";

export const generateMetadata = titled("maintenance.title");

export default function MaintenancePage() {
  return (
    <Prepared
      asks={(trpc) => [trpc.maintenance.customers.queryOptions(), trpc.maintenance.freezes.queryOptions()]}
    >
      <MaintenanceScreen />
    </Prepared>
  );
}
