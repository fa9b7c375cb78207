import type { Reputation } from "@mailstead/core/reputation";
import { type Level, LevelWord } from "../../components/level.tsx";
import { useNow } from "../../components/time.tsx";
import { useWords } from "../../components/words-provider.tsx";

export const reputationLevels: Record<Reputation, Level> = {
  HIGH: "good",
  MEDIUM: "attention",
  LOW: "trouble",
  BAD: "trouble",
  UNKNOWN: "unknown",
};

/** What a sender's name is worth at a receiver. */
export function ReputationWord({ reputation }: { reputation: Reputation }) {
  const { t } = useWords();
  return (
    <LevelWord level={reputationLevels[reputation]}>{t(`deliverability.reputation.${reputation}`)}</LevelWord>
  );
}

/** The same with the time that it has stood for, where that is known. */
export function ReputationSince({ reputation, since }: { reputation: Reputation; since: Date | null }) {
  const { t, format } = useWords();
  const now = useNow();
  return (
    <span className="grid leading-tight">
      <ReputationWord reputation={reputation} />
      {since === null || reputation === "UNKNOWN" ? null : (
        <time
          dateTime={since.toISOString()}
          className="pl-5 text-ink-3 text-meta sm:whitespace-nowrap"
          suppressHydrationWarning
        >
          {t("deliverability.for", { duration: format.span(now.getTime() - since.getTime()) })}
        </time>
      )}
    </span>
  );
}
