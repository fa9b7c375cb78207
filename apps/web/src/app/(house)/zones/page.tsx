import { ZonesScreen } from "../../../features/zones/zones-screen.tsx";
import { Prepared, titled } from "../../../server/page.tsx";

export const generateMetadata = titled("zones.title");

export default function ZonesPage() {
  return (
    <Prepared asks={(trpc) => [trpc.zones.list.queryOptions({})]}>
      <ZonesScreen />
    </Prepared>
  );
}
