"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { RouterOutputs } from "../../client/router-types.ts";
import { useTRPC } from "../../client/trpc.tsx";
import { Button } from "../../components/button.tsx";
import { ConfirmDialog } from "../../components/confirm-dialog.tsx";
import { CopyBlock } from "../../components/copy-block.tsx";
import { LevelSentence } from "../../components/level.tsx";
import { Panel } from "../../components/panel.tsx";
import { ProblemNote } from "../../components/problem-note.tsx";
import { Ago } from "../../components/time.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { ForRole } from "../access/role-provider.tsx";
import { useFollow } from "../live/live-provider.tsx";
import { EndingRotations } from "./ending-rotations.tsx";
import { HostsAway } from "./hosts-away.tsx";
import { PastRotations } from "./past-rotations.tsx";
import { ProofLinks } from "./proof-links.tsx";
import { RotationLine } from "./rotation-line.tsx";
import { RotationSchedule } from "./rotation-schedule.tsx";
import { RotationStory } from "./rotation-story.tsx";

export type RotationView = RouterOutputs["rotations"]["get"];
export type OpenRotation = NonNullable<RotationView["current"]>;
type Question = "start" | "compromise" | "go-back";

/** Where the rotation of a domain's DKIM keys stands, its story, its schedule, and what a person can do about it. */
export function RotationPanel({
  domainId,
  domainName,
  serverIds,
}: {
  domainId: string;
  domainName: string;
  serverIds: readonly string[];
}) {
  const { t } = useWords();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const [question, setQuestion] = useState<Question | null>(null);
  const query = useQuery(trpc.rotations.get.queryOptions({ domainId }));
  const refresh = async () => {
    setQuestion(null);
    await queryClient.invalidateQueries({ queryKey: trpc.rotations.get.pathKey() });
    await queryClient.invalidateQueries({ queryKey: trpc.domains.get.pathKey() });
  };
  const start = useMutation(trpc.rotations.start.mutationOptions({ onSuccess: refresh }));
  const goBack = useMutation(trpc.rotations.goBack.mutationOptions({ onSuccess: refresh }));
  useFollow(
    serverIds.map((id) => ({ kind: "server", id })),
    () => void query.refetch(),
  );
  if (query.data === undefined) return <ProblemNote error={query.error} />;
  const { current, isNextOpen, ending, past, schedule, concerns, hostsAway } = query.data;
  const asked = question === null ? null : question;
  return (
    <>
      <Panel
        title={t("rotation.title")}
        description={t("rotation.lead")}
        isFlush
        actions={
          <ForRole needed="technician">
            {current !== null && current.noWayBack === null ? (
              <Button size="small" onClick={() => setQuestion("go-back")}>
                {t("rotation.go-back")}
              </Button>
            ) : null}
            <Button size="small" onClick={() => setQuestion("compromise")}>
              {t("rotation.stolen")}
            </Button>
            {isNextOpen ? (
              <Button size="small" look="primary" onClick={() => setQuestion("start")}>
                {t("rotation.start")}
              </Button>
            ) : null}
          </ForRole>
        }
      >
        {concerns.length === 0 ? null : (
          <ul className="grid gap-1.5 border-line border-b px-4 py-3.5 text-table" role="status">
            {concerns.map(({ sentence, at }) => (
              <li key={sentence} className="[overflow-wrap:anywhere]">
                <LevelSentence level="attention">{sentence}</LevelSentence>{" "}
                <span className="text-ink-3 text-meta">
                  <Ago at={at} />
                </span>
              </li>
            ))}
          </ul>
        )}
        {current === null ? (
          <p className="px-4 py-3.5 text-ink-2 text-table">{t("rotation.none")}</p>
        ) : (
          <OpenRotationView rotation={current} />
        )}
        {hostsAway.length === 0 ? null : (
          <HostsAway domainId={domainId} domainName={domainName} hosts={hostsAway} onChange={refresh} />
        )}
        {ending.length === 0 ? null : <EndingRotations ending={ending} />}
        <RotationSchedule domainId={domainId} schedule={schedule} onChange={refresh} />
      </Panel>
      {current === null ? null : (
        <Panel title={t("rotation.story")} isFlush actions={<ProofLinks rotationId={current.id} />}>
          <RotationStory events={current.events} />
        </Panel>
      )}
      {past.length === 0 ? null : <PastRotations past={past} />}
      {asked === null ? null : (
        <ConfirmDialog
          isOpen
          onOpenChange={() => setQuestion(null)}
          title={t(`rotation.${asked}.title`, { name: domainName })}
          consequence={
            <>
              <p>{t(`rotation.${asked}.consequence`)}</p>
              {asked === "compromise" ? <p>{t("rotation.compromise.cost")}</p> : null}
            </>
          }
          actionLabel={t(`rotation.${asked}.action`)}
          {...(asked === "compromise" ? { typedName: domainName } : {})}
          isHarmless={asked === "start"}
          isBusy={start.isPending || goBack.isPending}
          error={start.error ?? goBack.error}
          onConfirm={() =>
            asked === "go-back"
              ? goBack.mutate({ domainId })
              : start.mutate({ domainId, kind: asked === "start" ? "by-hand" : "compromise" })
          }
        />
      )}
    </>
  );
}

function OpenRotationView({ rotation }: { rotation: OpenRotation }) {
  const { t } = useWords();
  return (
    <>
      <div className="grid gap-1.5 px-4 py-3.5 text-table">
        <p className="text-ink-2">
          {t(`rotation.kind.${rotation.kind}`, { name: rotation.startedBy })} <Ago at={rotation.startedAt} />
        </p>
        {rotation.reason === null ? null : <p className="text-attention">{rotation.reason}</p>}
        {rotation.alarm === null ? null : (
          <p role="status">
            <LevelSentence level="attention">{rotation.alarm}</LevelSentence>
          </p>
        )}
      </div>
      <RotationLine rotation={rotation} />
      {rotation.byHand === null ? null : (
        <div className="grid gap-2 px-4 pb-4">
          {rotation.byHand.put.length === 0 ? null : (
            <>
              <p className="text-ink-2 text-table">{t("rotation.paste")}</p>
              <CopyBlock text={rotation.byHand.put.join("\n")} what={t("rotation.the-records")} />
            </>
          )}
          {rotation.byHand.withdraw.length === 0 ? null : (
            <>
              <p className="text-ink-2 text-table">{t("rotation.take-away")}</p>
              <CopyBlock text={rotation.byHand.withdraw.join("\n")} what={t("rotation.the-names")} />
            </>
          )}
        </div>
      )}
    </>
  );
}
