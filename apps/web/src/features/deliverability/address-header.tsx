"use client";
import Link from "next/link";
import { Breakable } from "../../components/breakable.tsx";
import { useWords } from "../../components/words-provider.tsx";

/** Names the address that a page is about, under the head of its server. */
export function AddressHeader({ serverId, address }: { serverId: string; address: string }) {
  const { t } = useWords();
  return (
    <div className="flex flex-wrap items-baseline justify-between gap-x-4 gap-y-1">
      <h2 className="font-medium font-mono text-ink">
        <Breakable name={address} />
      </h2>
      <Link href={`/servers/${serverId}/deliverability`} className="text-accent text-table hover:underline">
        {t("deliverability.address-all")}
      </Link>
    </div>
  );
}
