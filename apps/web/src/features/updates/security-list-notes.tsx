"use client";
import { momentWords } from "@mailstead/core/text";
import { useQuery } from "@tanstack/react-query";
import { useTRPC } from "../../client/trpc.tsx";
import { LevelSentence } from "../../components/level.tsx";
import { useWords } from "../../components/words-provider.tsx";

/** From when Debian's lists of CVEs are, and why they are not newer. */
export function SecurityListNotes() {
  const { t, format } = useWords();
  const trpc = useTRPC();
  const lists = useQuery(trpc.updates.securityLists.queryOptions()).data;
  if (lists === undefined) return <div className="h-5" />;
  if (lists.length === 0)
    return (
      <p className="text-table">
        <LevelSentence level="unknown">{t("cves.list-waiting")}</LevelSentence>
      </p>
    );
  return (
    <ul className="grid gap-1 text-table [overflow-wrap:anywhere]">
      {lists.map(({ suite, fetchedAt, problem, issueCount }) => (
        <li key={suite}>
          {fetchedAt === null ? (
            <LevelSentence level="unknown">
              {t("cves.list-missing", { suite, problem: problem ?? "" })}
            </LevelSentence>
          ) : problem === null ? (
            <span className="text-ink-3">
              {t("cves.list", {
                suite,
                moment: momentWords(fetchedAt),
                count: format.number(issueCount ?? 0),
              })}
            </span>
          ) : (
            <LevelSentence level="unknown">
              {t("cves.list-stale", { suite, moment: momentWords(fetchedAt), problem })}
            </LevelSentence>
          )}
        </li>
      ))}
    </ul>
  );
}
