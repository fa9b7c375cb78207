import type { Reputation } from "@mailstead/core/reputation";
import { type Level, LevelWord } from "../../components/level.tsx";
import { useWords } from "../../components/words-provider.tsx";

const levels: Record<Reputation, Level> = {
  HIGH: "good",
  MEDIUM: "attention",
  LOW: "trouble",
  BAD: "trouble",
  UNKNOWN: "unknown",
};

/** What a sender's name is worth at a receiver. */
export function ReputationWord({ reputation }: { reputation: Reputation }) {
  const { t } = useWords();
  return <LevelWord level={levels[reputation]}>{t(`deliverability.reputation.${reputation}`)}</LevelWord>;
}
