"use client";
import { useQuery } from "@tanstack/react-query";
import { PackageOpen } from "lucide-react";
import Link from "next/link";
import type { RouterOutputs } from "../../client/router-types.ts";
import { useTRPC } from "../../client/trpc.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { Facts } from "../../components/facts.tsx";
import { LevelSentence, LevelWord } from "../../components/level.tsx";
import { Panel } from "../../components/panel.tsx";
import { ProblemNote } from "../../components/problem-note.tsx";
import { RowsSkeleton } from "../../components/skeleton.tsx";
import { Ago } from "../../components/time.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { useFollow } from "../live/live-provider.tsx";
import { ServerCves } from "./server-cves.tsx";
import { ServerPackages } from "./server-packages.tsx";
import { ServerUpdates } from "./server-updates.tsx";
import { packageHref } from "./update-filters.ts";
import { RestartReasons } from "./update-words.tsx";

type Inventory = NonNullable<RouterOutputs["updates"]["ofServer"]>;

/** What software does this server have, and what is to be done about it? */
export function SoftwareScreen({ serverId }: { serverId: string }) {
  const { t } = useWords();
  const trpc = useTRPC();
  const query = useQuery(trpc.updates.ofServer.queryOptions({ serverId }));
  useFollow([{ kind: "server", id: serverId }], () => void query.refetch());
  const inventory = query.data;
  if (inventory === undefined)
    return (
      <Panel isFlush>
        {query.error === null ? <RowsSkeleton rows={6} /> : <ProblemNote error={query.error} />}
      </Panel>
    );
  if (inventory === null)
    return (
      <Panel isFlush>
        <EmptyState icon={PackageOpen} title={t("software.waiting-title")}>
          {t("software.waiting")}
        </EmptyState>
      </Panel>
    );
  return (
    <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,1fr)_22rem]">
      <div className="grid min-w-0 gap-4">
        <ServerUpdates inventory={inventory} />
        <ServerCves serverId={serverId} />
        <ServerPackages serverId={serverId} />
      </div>
      <div className="grid min-w-0 gap-4 max-lg:order-first">
        <State inventory={inventory} />
        <OutdatedUnits inventory={inventory} />
      </div>
    </div>
  );
}

function State({ inventory }: { inventory: Inventory }) {
  const { t, format } = useWords();
  const { rebootReasons, untoldPackages, changelogsSentence } = inventory;
  return (
    <Panel title={t("software.state")}>
      <Facts
        facts={[
          {
            term: t("software.restart"),
            detail:
              rebootReasons.length === 0 ? (
                <LevelWord level="good">{t("software.restart-none")}</LevelWord>
              ) : (
                <>
                  <LevelWord level="attention">{t("software.restart-due")}</LevelWord>
                  <RestartReasons reasons={rebootReasons} />
                </>
              ),
          },
          { term: t("software.kernel"), detail: inventory.runningKernel },
          {
            term: t("software.kernel-newest"),
            detail: inventory.newestKernel ?? (
              <span className="text-ink-3">{t("software.kernel-shared")}</span>
            ),
          },
          {
            term: t("software.packages-count"),
            detail: (
              <>
                {format.number(inventory.packageCount)}{" "}
                {untoldPackages === 0 ? null : t("software.untold", { count: untoldPackages })}
              </>
            ),
          },
          {
            term: t("software.changelogs"),
            detail:
              changelogsSentence === null ? (
                t("software.changelogs-read")
              ) : (
                <LevelSentence level="unknown">{changelogsSentence}</LevelSentence>
              ),
          },
          {
            term: t("software.agent"),
            detail: (
              <Link href={packageHref("mailstead-agent", inventory.agentVersion)} className="hover:underline">
                {inventory.agentVersion}
              </Link>
            ),
          },
          { term: t("software.told"), detail: <Ago at={inventory.toldAt} /> },
        ]}
      />
    </Panel>
  );
}

function OutdatedUnits({ inventory: { outdatedUnits } }: { inventory: Inventory }) {
  const { t } = useWords();
  if (outdatedUnits.length === 0)
    return (
      <Panel title={t("software.outdated")}>
        <p className="text-table">
          <LevelSentence level="good">{t("software.outdated-none")}</LevelSentence>
        </p>
      </Panel>
    );
  return (
    <Panel title={t("software.outdated")} description={t("software.outdated-lead")} isFlush>
      <ul>
        {outdatedUnits.map(({ unit, files }) => (
          <li key={unit} className="grid gap-0.5 border-line border-b px-4 py-2 text-table last:border-b-0">
            <LevelWord level="attention">{unit}</LevelWord>
            <span className="pl-5 font-mono text-ink-3 text-meta [overflow-wrap:anywhere]">
              {files.join(" ")}
            </span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
