import { notFound } from "next/navigation";
import { z } from "zod";
import { BlockListsPanel } from "../../../../../../features/block-lists/block-lists-panel.tsx";
import { AddressHeader } from "../../../../../../features/deliverability/address-header.tsx";
import { DeliverabilityScreen } from "../../../../../../features/deliverability/deliverability-screen.tsx";
import { readSpan } from "../../../../../../features/deliverability/spans.ts";
import { ServerToldPanel } from "../../../../../../features/feeds/told-panel.tsx";
import { Prepared, readSearchParams, type SearchParams } from "../../../../../../server/page.tsx";

interface Props {
  params: Promise<{ serverId: string; address: string }>;
  searchParams: SearchParams;
}

const addressSchema = z.union([z.ipv4(), z.ipv6()]);

/** The address as it stands in the path, where an IPv6 one is escaped; null for what is none. */
async function readAddress(params: Props["params"]): Promise<string | null> {
  const { data } = addressSchema.safeParse(decodeURIComponent((await params).address));
  return data ?? null;
}

export async function generateMetadata({ params }: Props) {
  const address = await readAddress(params);
  return address === null ? {} : { title: address };
}

export default async function AddressDeliverabilityPage({ params, searchParams }: Props) {
  const { serverId } = await params;
  const address = await readAddress(params);
  if (address === null) notFound();
  const span = readSpan(await readSearchParams(searchParams));
  return (
    <Prepared
      asks={(trpc) => [
        trpc.deliverability.server.queryOptions({ serverId, address, span }),
        trpc.deliverability.serverReputation.queryOptions({ serverId, address, span }),
        trpc.blockLists.ofServer.queryOptions({ serverId }),
        trpc.measures.list.queryOptions({ serverId }),
        trpc.feeds.server.queryOptions({ serverId }),
      ]}
    >
      <div className="grid gap-4">
        <AddressHeader serverId={serverId} address={address} />
        <DeliverabilityScreen subject={{ kind: "server", serverId, address }} />
        <BlockListsPanel serverId={serverId} address={address} />
        <ServerToldPanel serverId={serverId} address={address} />
      </div>
    </Prepared>
  );
}
