"use client";
import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useTRPC } from "../../client/trpc.tsx";
import { Facts } from "../../components/facts.tsx";
import { Panel } from "../../components/panel.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { useExclusionText } from "./use-exclusion-text.ts";

/** How rollouts treat a server, where they treat it otherwise than others. */
export function RolloutPlaceNote({ serverId }: { serverId: string }) {
  const { t } = useWords();
  const exclusionText = useExclusionText();
  const { data } = useQuery(useTRPC().maintenance.place.queryOptions({ serverId }));
  if (data === undefined) return null;
  const { goesFirst, exclusion, standIns } = data;
  const facts = [
    ...(exclusion === null ? [] : [{ term: t("maintenance.left-out"), detail: exclusionText(exclusion) }]),
    ...(goesFirst ? [{ term: t("maintenance.goes-first"), detail: t("maintenance.goes-first-yes") }] : []),
    ...(standIns.groupName === null
      ? []
      : [
          {
            term: t("maintenance.stand-ins"),
            detail: (
              <>
                {standIns.groupName}
                {standIns.others.map(({ id, name }) => (
                  <Link key={id} href={`/servers/${id}`} className="block text-accent hover:underline">
                    {name}
                  </Link>
                ))}
              </>
            ),
          },
        ]),
  ];
  return facts.length === 0 ? null : (
    <Panel title={t("maintenance.place")}>
      <Facts facts={facts} />
    </Panel>
  );
}
