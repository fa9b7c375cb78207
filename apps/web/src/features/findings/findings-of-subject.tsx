"use client";
import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useTRPC } from "../../client/trpc.tsx";
import { LevelIcon } from "../../components/level.tsx";
import { Panel } from "../../components/panel.tsx";
import { ProblemNote } from "../../components/problem-note.tsx";
import { Ago } from "../../components/time.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { FindingAnswers } from "./finding-answers.tsx";

const refreshEveryMs = 60_000;

/** What receivers hold against one server or domain now, with what people answered to it. */
export function FindingsOfSubject({ subject }: { subject: { serverId: string } | { domainId: string } }) {
  const { t } = useWords();
  const trpc = useTRPC();
  const query = useQuery(trpc.findings.list.queryOptions(subject, { refetchInterval: refreshEveryMs }));
  if (query.data === undefined) return query.error === null ? null : <ProblemNote error={query.error} />;
  return (
    <Panel title={t("finding.list")} isFlush>
      {query.data.length === 0 ? (
        <p className="flex items-center gap-2.5 px-4 py-3 text-ink-2 text-table">
          <LevelIcon level="good" className="size-4" />
          {t("finding.none")}
        </p>
      ) : (
        <ul>
          {query.data.map((finding) => (
            <li
              key={finding.id}
              className="flex flex-wrap items-start gap-x-4 gap-y-2 border-line border-b px-4 py-3 text-table last:border-b-0"
            >
              <span className="flex min-w-0 flex-[1_1_20rem] items-start gap-2.5">
                <LevelIcon
                  level={finding.severity === "error" ? "trouble" : "attention"}
                  className="mt-0.5 size-4"
                />
                <span className="grid min-w-0 gap-0.5">
                  <Link href={`/findings/${finding.id}`} className="font-medium hover:underline">
                    {finding.sentence}
                  </Link>
                  <span className="text-ink-3 text-meta">
                    {/* Of a domain's page, what is held against the server that it sends from. */}
                    {"domainId" in subject && finding.subject.kind === "server"
                      ? `${finding.subject.name} · `
                      : ""}
                    {t("finding.opened")} <Ago at={finding.openedAt} />
                  </span>
                </span>
              </span>
              <FindingAnswers finding={finding} />
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
