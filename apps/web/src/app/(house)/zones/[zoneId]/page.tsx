import { ZoneScreen } from "../../../../features/zones/zone-screen.tsx";
import { Prepared, titledBy } from "../../../../server/page.tsx";

type Params = Promise<{ zoneId: string }>;

export async function generateMetadata({ params }: { params: Params }) {
  const { zoneId } = await params;
  return titledBy(async (caller) => (await caller.zones.get({ zoneId })).name);
}

export default async function ZonePage({ params }: { params: Params }) {
  const { zoneId } = await params;
  return (
    <Prepared asks={(trpc) => [trpc.zones.get.queryOptions({ zoneId })]}>
      <ZoneScreen zoneId={zoneId} />
    </Prepared>
  );
}
