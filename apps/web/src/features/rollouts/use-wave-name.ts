"use client";
import { useCallback } from "react";
import { useWords } from "../../components/words-provider.tsx";

/** What a wave is called: the first one is the canary. */
export function useWaveName(): (wave: number) => string {
  const { t } = useWords();
  return useCallback(
    (wave) => (wave === 0 ? t("rollout.wave.canary") : t("rollout.wave.number", { number: wave })),
    [t],
  );
}
