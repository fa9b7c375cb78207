"use client";
import type { RolloutSteer } from "@mailstead/core/rollouts";
import { OctagonPause } from "lucide-react";
import { useState } from "react";
import type { RouterOutputs } from "../../client/router-types.ts";
import { Button, type ButtonLook } from "../../components/button.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { useMay } from "../access/role-provider.tsx";
import { CountsBar, countOf } from "./counts-bar.tsx";
import { RolloutStateBadge } from "./rollout-state-badge.tsx";
import { SteerDialog } from "./steer-dialog.tsx";
import { useWaveName } from "./use-wave-name.ts";

export type Rollout = RouterOutputs["rollouts"]["get"];
export type Steer = RolloutSteer | "approve";

/** Where a rollout stands and what can be done about it; it stays in sight however far the page is scrolled. */
export function ControlBar({ rollout }: { rollout: Rollout }) {
  const { t } = useWords();
  const may = useMay();
  const waveName = useWaveName();
  const [asked, setAsked] = useState<Steer | null>(null);
  const { state, counts, servers, steers, approves, wave, lastWave } = rollout;
  const wanted = servers - countOf(counts, "left-out");
  const buttons: readonly { steer: Steer; label: string; isShown: boolean; look?: ButtonLook }[] = [
    {
      steer: "roll-back",
      label: t("rollout.roll-back"),
      isShown: steers.includes("roll-back") && may("rollouts.rollBack"),
    },
    { steer: "stop", label: t("rollout.stop"), isShown: steers.includes("stop") && may("rollouts.stop") },
    {
      steer: "resume",
      label: t("rollout.resume"),
      isShown: steers.includes("resume") && may("rollouts.resume"),
      look: "primary",
    },
    {
      steer: "approve",
      label: t("rollout.approve", { wave: waveName(approves ?? 0) }),
      isShown: approves !== null && may("rollouts.approve"),
      look: "primary",
    },
    {
      steer: "halt",
      label: t("rollout.halt"),
      isShown: steers.includes("halt") && may("rollouts.halt"),
      look: "danger",
    },
  ];
  return (
    <section
      aria-label={t(`rollout.state.${state}`)}
      className="no-print sticky top-0 z-20 -mx-4 mb-4 grid gap-2 border-line border-y bg-surface px-4 py-2.5 max-md:top-12 md:mx-0 md:rounded-ui md:border"
    >
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <RolloutStateBadge state={state} />
        <p className="figures min-w-0 text-table" role="status">
          <span className="font-medium">
            {t("rollout.progress", { done: countOf(counts, "succeeded"), count: wanted })}
          </span>
          {rollout.endedAt === null ? (
            <span className="text-ink-2">
              {" · "}
              {wave === 0
                ? t("rollout.wave.canary")
                : t("rollout.wave.of", { number: wave, count: lastWave })}
            </span>
          ) : null}
        </p>
        <div className="ml-auto flex flex-wrap items-center gap-2 max-sm:w-full">
          {buttons.map(({ steer, label, isShown, look = "secondary" }) =>
            isShown ? (
              <Button
                key={steer}
                look={look}
                onClick={() => setAsked(steer)}
                className={steer === "halt" ? "max-sm:h-10 max-sm:flex-1" : "max-sm:h-10"}
              >
                {steer === "halt" ? <OctagonPause aria-hidden="true" className="size-4" /> : null}
                {label}
              </Button>
            ) : null,
          )}
        </div>
      </div>
      <CountsBar counts={counts} servers={servers} />
      <p className="text-ink-2 text-meta [overflow-wrap:anywhere]">
        {(state === "running" || state === "rolling-back") && rollout.waitsBecause !== null
          ? rollout.waitsBecause
          : t(`rollout.lead.${state}`)}
      </p>
      {asked === null ? null : <SteerDialog rollout={rollout} steer={asked} onClose={() => setAsked(null)} />}
    </section>
  );
}
