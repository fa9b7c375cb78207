"use client";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { RouterOutputs } from "../../client/router-types.ts";
import { useTRPC } from "../../client/trpc.tsx";
import { Button } from "../../components/button.tsx";
import { ConfirmDialog } from "../../components/confirm-dialog.tsx";
import { Panel } from "../../components/panel.tsx";
import { Ago } from "../../components/time.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { IfMay, useMay } from "../access/role-provider.tsx";
import { useMeasureCache } from "./use-measure-cache.ts";

type WarmUp = RouterOutputs["measures"]["warmUps"]["warmUps"][number];
type Track = WarmUp["tracks"][number];

/** How far the warm-ups of a server's addresses have come, and which address could have one. */
export function WarmUpPanels({ serverId, addresses }: { serverId: string; addresses: readonly string[] }) {
  const trpc = useTRPC();
  const { data } = useQuery(trpc.measures.warmUps.queryOptions({ serverId }));
  if (data === undefined) return null;
  const cold = addresses.filter((address) => !data.warmUps.some((warmUp) => warmUp.address === address));
  return (
    <>
      {data.warmUps.map((warmUp) => (
        <WarmUpPanel key={warmUp.id} warmUp={warmUp} />
      ))}
      {data.warmUps.length === 0 && cold.length > 0 ? (
        <BeginPanel serverId={serverId} addresses={cold} />
      ) : null}
    </>
  );
}

function WarmUpPanel({ warmUp }: { warmUp: WarmUp }) {
  const { t } = useWords();
  const { address, isPaused, tracks } = warmUp;
  return (
    <Panel
      title={t("warm-up.title", { address })}
      description={isPaused ? t("warm-up.paused") : undefined}
      actions={<WarmUpActions warmUp={warmUp} />}
      isFlush
    >
      <ul>
        {tracks.map((track) => (
          <TrackLine key={track.provider} track={track} />
        ))}
      </ul>
    </Panel>
  );
}

/** One receiver's steps as a row of marks: those behind, the one it stands on, those ahead. */
function TrackLine({ track }: { track: Track }) {
  const { t } = useWords();
  const { title, stage, stages, messagesPerDay, since, because } = track;
  const standing =
    messagesPerDay === null
      ? t("warm-up.done")
      : t("warm-up.lead", { perDay: messagesPerDay, stage, stages });
  return (
    <li className="grid gap-1 border-line border-b px-4 py-2.5 text-table last:border-b-0 sm:grid-cols-[9rem_8rem_minmax(0,1fr)]">
      <span className="font-medium">{title}</span>
      <span className="flex items-center gap-1" role="img" aria-label={standing}>
        {Array.from({ length: stages }, (_, index) => (
          <span
            // biome-ignore lint/suspicious/noArrayIndexKey: a step is its number
            key={index}
            className={`h-1.5 flex-1 rounded-full ${index + 1 < stage ? "bg-good" : index + 1 === stage ? "bg-accent" : "bg-line-strong"}`}
          />
        ))}
      </span>
      <span className="grid gap-0.5">
        <span className="figures">{standing}</span>
        <span className="text-ink-3 text-meta">
          {t(`warm-up.because.${because}`)} <Ago at={since} />
        </span>
      </span>
    </li>
  );
}

function WarmUpActions({ warmUp: { id, address, isPaused } }: { warmUp: WarmUp }) {
  const { t } = useWords();
  const trpc = useTRPC();
  const cache = useMeasureCache();
  const [isAsked, setAsked] = useState(false);
  const change = useMutation(
    trpc.measures.changeWarmUp.mutationOptions({
      onSuccess: async () => {
        await cache.refresh();
        setAsked(false);
      },
    }),
  );
  return (
    <IfMay use="measures.changeWarmUp">
      <Button
        size="small"
        isBusy={change.isPending}
        onClick={() => change.mutate({ warmUpId: id, to: isPaused ? "running" : "paused" })}
      >
        {t(isPaused ? "warm-up.resume" : "warm-up.pause")}
      </Button>
      <Button size="small" look="quiet" onClick={() => setAsked(true)}>
        {t("warm-up.end")}
      </Button>
      <ConfirmDialog
        isOpen={isAsked}
        onOpenChange={setAsked}
        title={t("warm-up.end-title", { address })}
        consequence={<p>{t("warm-up.end-consequence")}</p>}
        actionLabel={t("warm-up.end")}
        isBusy={change.isPending}
        error={change.error}
        onConfirm={() => change.mutate({ warmUpId: id, to: "ended" })}
      />
    </IfMay>
  );
}

function BeginPanel({ serverId, addresses }: { serverId: string; addresses: readonly string[] }) {
  const { t } = useWords();
  const may = useMay();
  if (!may("measures.startWarmUp")) return null;
  return (
    <Panel title={t("warm-up.begin-title")} description={t("warm-up.begin-lead")}>
      <div className="flex flex-wrap gap-2">
        {addresses.map((address) => (
          <BeginButton key={address} serverId={serverId} address={address} />
        ))}
      </div>
    </Panel>
  );
}

function BeginButton({ serverId, address }: { serverId: string; address: string }) {
  const { t } = useWords();
  const trpc = useTRPC();
  const cache = useMeasureCache();
  const [isAsked, setAsked] = useState(false);
  const begin = useMutation(trpc.measures.startWarmUp.mutationOptions({ onSuccess: () => cache.refresh() }));
  return (
    <>
      <Button size="small" onClick={() => setAsked(true)}>
        {t("warm-up.begin-named", { address })}
      </Button>
      <ConfirmDialog
        isOpen={isAsked}
        onOpenChange={setAsked}
        title={t("warm-up.begin-named", { address })}
        consequence={<p>{t("warm-up.begin-consequence", { address })}</p>}
        actionLabel={t("warm-up.begin")}
        isHarmless
        isBusy={begin.isPending}
        error={begin.error}
        onConfirm={() => begin.mutate({ serverId, address })}
      />
    </>
  );
}
