import type { ReactNode } from "react";
import { ServerLayout } from "../../../../features/servers/server-layout.tsx";
import { Prepared, titledParts } from "../../../../server/page.tsx";

type Params = Promise<{ serverId: string }>;

export async function generateMetadata({ params }: { params: Params }) {
  const { serverId } = await params;
  return titledParts(async (caller) => (await caller.servers.get({ serverId })).name);
}

export default async function ServerPagesLayout({
  params,
  children,
}: {
  params: Params;
  children: ReactNode;
}) {
  const { serverId } = await params;
  return (
    <Prepared asks={(trpc) => [trpc.servers.get.queryOptions({ serverId })]}>
      <ServerLayout serverId={serverId}>{children}</ServerLayout>
    </Prepared>
  );
}
