"use client";
import { useUrlParams } from "../../client/use-url-params.ts";
import { LevelSentence } from "../../components/level.tsx";
import { PageHeader } from "../../components/page-header.tsx";
import { Panel } from "../../components/panel.tsx";
import { ProblemScreen } from "../../components/problem-screen.tsx";
import { Ago } from "../../components/time.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { ControlBar } from "./control-bar.tsx";
import { CustomersPanel } from "./customers-panel.tsx";
import { GatesPanel, PackagesPanel } from "./gates-panel.tsx";
import { HistoryPanel } from "./history-panel.tsx";
import { MemberSheet } from "./member-sheet.tsx";
import { MembersList } from "./members-list.tsx";
import { OutputsPanel } from "./outputs-panel.tsx";
import { useRollout } from "./use-rollout.ts";
import { WavesPanel } from "./waves-panel.tsx";

/** What is patched, what failed, can I sleep? */
export function RolloutScreen({ rolloutId }: { rolloutId: string }) {
  const { t } = useWords();
  const [params, setParams] = useUrlParams();
  const query = useRollout(rolloutId);
  const rollout = query.data;
  if (rollout === undefined)
    return query.error === null ? null : (
      <ProblemScreen error={query.error} retry={() => void query.refetch()} />
    );
  const open = (server: string) => setParams({ server });
  return (
    <>
      <PageHeader
        title={rollout.title ?? t("rollout.untitled")}
        parent={{ href: "/rollouts", label: t("rollouts.title") }}
        description={
          <>
            {t("rollout.servers", { count: rollout.servers })},{" "}
            {t("rollout.customers", { count: rollout.tenants })}.{" "}
            {t("rollout.started", { name: rollout.startedBy })}, <Ago at={rollout.startedAt} />
          </>
        }
      />
      <ControlBar rollout={rollout} />
      <div className="grid gap-4">
        {rollout.state === "halted" ? (
          <p role="status" className="rounded-ui bg-attention-soft px-4 py-2.5">
            <LevelSentence level="attention">
              {rollout.haltedBecause ?? t("rollout.halted-by-others")}
            </LevelSentence>
          </p>
        ) : null}
        <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,1fr)_21rem]">
          <div className="grid min-w-0 gap-4">
            <WavesPanel rollout={rollout} onOpen={open} />
            <OutputsPanel rolloutId={rolloutId} onOpen={open} />
          </div>
          <div className="grid min-w-0 gap-4">
            <GatesPanel rollout={rollout} />
            <PackagesPanel rollout={rollout} />
            {rollout.events.length === 0 ? null : <HistoryPanel events={rollout.events} />}
          </div>
        </div>
        <CustomersPanel rolloutId={rolloutId} />
        <Panel
          title={t("rollout.members")}
          isFlush
          className="border-0 bg-transparent [&>header]:border-0 [&>header]:px-0"
        >
          <MembersList rolloutId={rolloutId} waves={rollout.waves.length} />
        </Panel>
      </div>
      <MemberSheet
        rolloutId={rolloutId}
        serverId={params.get("server")}
        onClose={() => setParams({ server: null })}
      />
    </>
  );
}
