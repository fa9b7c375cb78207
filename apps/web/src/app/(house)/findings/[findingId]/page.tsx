import { FindingScreen } from "../../../../features/findings/finding-screen.tsx";
import { Prepared, titledBy } from "../../../../server/page.tsx";

type Params = Promise<{ findingId: string }>;

export async function generateMetadata({ params }: { params: Params }) {
  const { findingId } = await params;
  return titledBy(async (caller) => (await caller.findings.get({ findingId })).sentence);
}

export default async function FindingPage({ params }: { params: Params }) {
  const { findingId } = await params;
  return (
    <Prepared asks={(trpc) => [trpc.findings.get.queryOptions({ findingId })]}>
      <FindingScreen key={findingId} findingId={findingId} />
    </Prepared>
  );
}
