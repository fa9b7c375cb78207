"use client";
import { useQuery } from "@tanstack/react-query";
import { useTRPC } from "../../client/trpc.tsx";
import { LevelSentence } from "../../components/level.tsx";
import { useWords } from "../../components/words-provider.tsx";

/** How many servers wait or are to be restarted, and what is not known of them. */
export function UpdatesOverview({ tenantId }: { tenantId: string | undefined }) {
  const { t, format } = useWords();
  const trpc = useTRPC();
  const overview = useQuery(trpc.updates.overview.queryOptions({ tenantId })).data;
  if (overview === undefined) return <div className="h-19" />;
  const figures = [
    { term: t("updates.sum.security"), value: overview.withSecurityUpdates },
    { term: t("updates.sum.updates"), value: overview.withUpdates },
    { term: t("updates.sum.restart"), value: overview.toRestart },
    { term: t("updates.sum.outdated"), value: overview.withOutdatedUnits },
  ];
  const { changelogsUnread: unread, withoutAnswer } = overview;
  return (
    <>
      <dl className="grid grid-cols-2 gap-px overflow-hidden rounded-ui border border-line bg-line lg:grid-cols-4">
        {figures.map(({ term, value }) => (
          <div key={term} className="grid content-start gap-0.5 bg-surface px-4 py-3">
            <dt className="text-ink-3 text-meta">{term}</dt>
            <dd className="figures font-semibold text-figure">{format.number(value)}</dd>
            <dd className="text-ink-3 text-meta">{t("updates.sum.of", { count: overview.told })}</dd>
          </div>
        ))}
      </dl>
      {withoutAnswer > 0 ? (
        <p className="text-table">
          <LevelSentence level="unknown">
            {t("updates.without-answer", { count: withoutAnswer })}
          </LevelSentence>
        </p>
      ) : null}
      {unread === null ? null : (
        <p className="text-table">
          <LevelSentence level="unknown">
            {t("updates.unread", { count: unread.servers, sentence: unread.sentence })}
          </LevelSentence>
        </p>
      )}
    </>
  );
}
