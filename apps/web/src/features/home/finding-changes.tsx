"use client";
import { useQuery } from "@tanstack/react-query";
import { Check, Plus } from "lucide-react";
import Link from "next/link";
import { useState } from "react";
import { useTRPC } from "../../client/trpc.tsx";
import { Button } from "../../components/button.tsx";
import { Panel } from "../../components/panel.tsx";
import { ProblemNote } from "../../components/problem-note.tsx";
import { RowsSkeleton } from "../../components/skeleton.tsx";
import { Ago } from "../../components/time.tsx";
import { useWords } from "../../components/words-provider.tsx";

const skeletonRows = 3;
const shownAtFirst = 6;

/** What the checks of domains and servers found since yesterday, and what is settled since. */
export function FindingChanges() {
  const { t } = useWords();
  const trpc = useTRPC();
  const changes = useQuery(trpc.home.findingChanges.queryOptions());
  const [areAllShown, setAllShown] = useState(false);
  const hidden = areAllShown ? 0 : (changes.data?.length ?? 0) - shownAtFirst;
  return (
    <Panel title={t("home.finding-changes")} isFlush>
      {changes.data === undefined ? (
        changes.error === null ? (
          <RowsSkeleton rows={skeletonRows} />
        ) : (
          <div className="p-3">
            <ProblemNote error={changes.error} />
          </div>
        )
      ) : changes.data.length === 0 ? (
        <p className="px-4 py-3.5 text-ink-3 text-table">{t("home.finding-changes-none")}</p>
      ) : (
        <ul>
          {(areAllShown ? changes.data : changes.data.slice(0, shownAtFirst)).map(
            ({ id, what, at, severity, sentence, subject, subjectCount, tenantName }) => {
              const Icon = what === "opened" ? Plus : Check;
              return (
                <li key={id} className="border-line border-b last:border-b-0">
                  <Link
                    href={`/findings/${id}`}
                    className="flex items-start gap-3 px-4 py-2.5 text-table -outline-offset-2 hover:bg-hover"
                  >
                    <Icon
                      aria-hidden="true"
                      className={
                        what === "opened"
                          ? "mt-0.5 size-4 shrink-0 text-ink-3"
                          : "mt-0.5 size-4 shrink-0 text-good"
                      }
                    />
                    <span className="grid min-w-0 flex-1 gap-0.5">
                      <span className="[overflow-wrap:anywhere]">{sentence}</span>
                      <span className="text-ink-3 text-meta">
                        {what === "opened" ? t(`check.severity.${severity}`) : t("home.finding-settled")} ·{" "}
                        {subject.kind === "organisation"
                          ? t("finding.whole-organisation")
                          : subjectCount === 1
                            ? `${subject.name} · ${tenantName}`
                            : t("home.finding-shared", { name: subject.name, count: subjectCount - 1 })}{" "}
                        · <Ago at={at} />
                      </span>
                    </span>
                  </Link>
                </li>
              );
            },
          )}
        </ul>
      )}
      {hidden > 0 ? (
        <div className="border-line border-t px-4 py-2">
          <Button look="quiet" size="small" onClick={() => setAllShown(true)}>
            {t("home.finding-changes-more", { count: hidden })}
          </Button>
        </div>
      ) : null}
    </Panel>
  );
}
