"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { useTRPC } from "../../client/trpc.tsx";
import { ConfirmDialog } from "../../components/confirm-dialog.tsx";
import { Field, Input } from "../../components/field.tsx";
import { useWords } from "../../components/words-provider.tsx";
import type { Rollout, Steer } from "./control-bar.tsx";
import { useWaveName } from "./use-wave-name.ts";

interface SteerDialogProps {
  rollout: Rollout;
  steer: Steer;
  onClose: () => void;
}

/** Says what a button of a rollout does before it does it. */
export function SteerDialog({ rollout, steer, onClose }: SteerDialogProps) {
  const { t } = useWords();
  const waveName = useWaveName();
  const [reason, setReason] = useState("");
  const { rolloutId, approves, mutations } = useSteering(rollout, onClose);
  const wave = waveName(approves ?? 0);
  const counts = rollout.counts;
  const dialogs: Readonly<Record<Steer, { title: string; label: string; what: ReactNode; run: () => void }>> =
    {
      halt: {
        title: t("rollout.halt.title"),
        label: t("rollout.halt"),
        what: (
          <>
            <p>{t("rollout.halt.what")}</p>
            <Field label={t("rollout.halt.reason")}>
              <Input value={reason} onChange={(event) => setReason(event.target.value)} maxLength={300} />
            </Field>
          </>
        ),
        run: () =>
          mutations.halt.mutate({ rolloutId, ...(reason.trim() === "" ? {} : { reason: reason.trim() }) }),
      },
      resume: {
        title: t("rollout.resume.title"),
        label: t("rollout.resume"),
        what: (
          <p>
            {rollout.bad === 0 ? t("rollout.resume.clean") : t("rollout.resume.what", { count: rollout.bad })}
          </p>
        ),
        run: () => mutations.resume.mutate({ rolloutId }),
      },
      stop: {
        title: t("rollout.stop.title"),
        label: t("rollout.stop"),
        what: (
          <>
            <p>{t("rollout.stop.what")}</p>
            <Counted count={counts.waiting} words={(count) => t("rollout.stop.waiting", { count })} />
          </>
        ),
        run: () => mutations.stop.mutate({ rolloutId }),
      },
      "roll-back": {
        title: t("rollout.roll-back.title"),
        label: t("rollout.roll-back"),
        what: (
          <>
            <p>{t("rollout.roll-back.what", { count: rollout.canGoBack })}</p>
            <Counted
              count={rollout.withoutWayBack}
              words={(count) => t("rollout.roll-back.one-way", { count })}
            />
            <Counted count={counts.unknown} words={(count) => t("rollout.roll-back.unknown", { count })} />
          </>
        ),
        run: () => mutations.rollBack.mutate({ rolloutId }),
      },
      approve: {
        title: t("rollout.approve.title", { wave }),
        label: t("rollout.approve", { wave }),
        what: (
          <p>
            {t("rollout.approve.what", {
              count: rollout.waves.find((one) => one.wave === approves)?.servers ?? 0,
            })}
          </p>
        ),
        run: () => mutations.approve.mutate({ rolloutId, wave: approves ?? 0 }),
      },
    };
  const { title, label, what, run } = dialogs[steer];
  const all = Object.values(mutations);
  return (
    <ConfirmDialog
      isOpen
      onOpenChange={onClose}
      title={title}
      consequence={what}
      actionLabel={label}
      isHarmless={steer === "resume" || steer === "approve"}
      isBusy={all.some(({ isPending }) => isPending)}
      error={all.find(({ error }) => error !== null)?.error}
      onConfirm={run}
    />
  );
}

function Counted({ count = 0, words }: { count: number | undefined; words: (count: number) => string }) {
  return count === 0 ? null : <p>{words(count)}</p>;
}

function useSteering(rollout: Rollout, onClose: () => void) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const options = {
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: trpc.rollouts.get.pathKey() });
      onClose();
    },
  };
  return {
    rolloutId: rollout.id,
    approves: rollout.approves,
    mutations: {
      halt: useMutation(trpc.rollouts.halt.mutationOptions(options)),
      resume: useMutation(trpc.rollouts.resume.mutationOptions(options)),
      stop: useMutation(trpc.rollouts.stop.mutationOptions(options)),
      rollBack: useMutation(trpc.rollouts.rollBack.mutationOptions(options)),
      approve: useMutation(trpc.rollouts.approve.mutationOptions(options)),
    },
  };
}
