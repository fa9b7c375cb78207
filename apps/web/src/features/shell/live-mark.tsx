"use client";
import { classNames } from "../../components/class-names.ts";
import { useWords } from "../../components/words-provider.tsx";
import { useLiveLine } from "../live/live-provider.tsx";

/** Says whether what is on the screen follows the fleet. A narrow screen has room for it only when it does not. */
export function LiveMark({ isOnlyWhenLost = false }: { isOnlyWhenLost?: boolean }) {
  const { t } = useWords();
  const line = useLiveLine();
  const words = line === "live" ? t("live.on") : line === "lost" ? t("live.lost") : t("live.opening");
  if (isOnlyWhenLost && line !== "lost") return null;
  return (
    <p role="status" className="flex h-6 items-center gap-2 px-2 text-ink-3 text-meta">
      <span
        aria-hidden="true"
        className={classNames(
          "size-1.5 rounded-full",
          line === "live"
            ? "bg-good"
            : line === "lost"
              ? "animate-breathe bg-attention"
              : "animate-breathe bg-ink-3",
        )}
      />
      {words}
    </p>
  );
}
