import type { FeedStanding } from "@mailstead/core/feeds";
import { LevelWord } from "../../components/level.tsx";
import { useWords } from "../../components/words-provider.tsx";

/** How old the newest day of a feed is, against how old it normally is. */
export function StandingWord({ standing }: { standing: FeedStanding }) {
  const { t } = useWords();
  switch (standing.kind) {
    case "fresh":
      return <LevelWord level="good">{t("feeds.standing.fresh")}</LevelWord>;
    case "stale":
      return (
        <LevelWord level="attention">{t("feeds.standing.stale", { count: standing.ageDays })}</LevelWord>
      );
    case "waiting":
      return <LevelWord level="unknown">{t("feeds.standing.waiting")}</LevelWord>;
    case "silent":
      return <LevelWord level="unknown">{t("feeds.standing.silent")}</LevelWord>;
  }
}
