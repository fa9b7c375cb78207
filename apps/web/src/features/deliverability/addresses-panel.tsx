"use client";
import { reputationOrder } from "@mailstead/core/reputation";
import Link from "next/link";
import { useMemo } from "react";
import type { RouterOutputs } from "../../client/router-types.ts";
import { Breakable } from "../../components/breakable.tsx";
import { Panel } from "../../components/panel.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { ReputationWord } from "./reputation-word.tsx";
import { useReceiverName } from "./use-receiver-name.ts";
import { type Subject, useReputation } from "./use-sender.ts";

type Standing = RouterOutputs["deliverability"]["serverReputation"]["standings"][number];

/** How each receiver judges each address that a server sends from. */
export function AddressesPanel({ subject }: { subject: Subject }) {
  const { t } = useWords();
  const standings = useReputation(subject).data?.standings;
  const addresses = useMemo(() => [...Map.groupBy(standings ?? [], ({ address }) => address)], [standings]);
  if (addresses.length === 0) return null;
  return (
    <Panel title={t("deliverability.addresses")} description={t("deliverability.addresses-lead")} isFlush>
      <ul className="divide-y divide-line">
        {addresses.map(([address, own]) => (
          <li
            key={address}
            className="grid gap-x-6 gap-y-2 px-4 py-3 text-table md:grid-cols-[14rem_minmax(0,1fr)]"
          >
            <AddressName address={address} standings={own} href={hrefOf(subject, address)} />
            <Standings standings={own} />
          </li>
        ))}
      </ul>
    </Panel>
  );
}

/** The page of an address of a server; null where it is not known from which one was sent. */
function hrefOf(subject: Subject, address: string): string | null {
  if (subject.kind !== "server" || address === "") return null;
  return `/servers/${subject.serverId}/deliverability/${encodeURIComponent(address)}`;
}

function AddressName({
  address,
  standings,
  href,
}: {
  address: string;
  standings: readonly Standing[];
  href: string | null;
}) {
  const { t } = useWords();
  const count = standings.reduce((sum, { messages }) => sum + messages, 0);
  return (
    <div className="grid content-start">
      {href === null ? (
        <span>{t("deliverability.address-unknown")}</span>
      ) : (
        <Link href={href} className="font-medium font-mono text-accent hover:underline">
          <Breakable name={address} />
        </Link>
      )}
      <span className="text-ink-3 text-meta">{t("deliverability.messages-judged", { count })}</span>
    </div>
  );
}

function Standings({ standings }: { standings: readonly Standing[] }) {
  const nameOf = useReceiverName();
  const worstFirst = standings.toSorted(
    (a, b) =>
      reputationOrder.indexOf(a.reputation) - reputationOrder.indexOf(b.reputation) ||
      b.messages - a.messages,
  );
  return (
    <ul className="grid grid-cols-[repeat(auto-fill,minmax(8.5rem,1fr))] gap-x-4 gap-y-1.5">
      {worstFirst.map(({ provider, reputation }) => (
        <li key={provider ?? ""} className="grid leading-tight">
          <span className="truncate text-ink-3 text-meta">{nameOf(provider)}</span>
          <ReputationWord reputation={reputation} />
        </li>
      ))}
    </ul>
  );
}
