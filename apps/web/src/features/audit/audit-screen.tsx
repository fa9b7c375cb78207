"use client";
import { useInfiniteQuery } from "@tanstack/react-query";
import { ScrollText } from "lucide-react";
import { useMemo } from "react";
import { paging } from "../../client/paging.ts";
import type { RouterOutputs } from "../../client/router-types.ts";
import { useTRPC } from "../../client/trpc.tsx";
import { Button } from "../../components/button.tsx";
import { Disclosure } from "../../components/disclosure.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { PageHeader } from "../../components/page-header.tsx";
import { ProblemNote } from "../../components/problem-note.tsx";
import { RowsSkeleton } from "../../components/skeleton.tsx";
import { Ago } from "../../components/time.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { actionWords } from "./action-words.ts";

type Entry = RouterOutputs["audit"]["list"]["entries"][number];

/** Who did what, newest first; each line opens to what it was before and after. */
export function AuditScreen() {
  const { t } = useWords();
  const trpc = useTRPC();
  const pages = useInfiniteQuery(trpc.audit.list.infiniteQueryOptions({}, paging));
  const entries = useMemo(() => pages.data?.pages.flatMap((page) => page.entries) ?? [], [pages.data]);
  return (
    <>
      <PageHeader title={t("audit.title")} description={t("audit.lead")} />
      <ProblemNote error={pages.error} />
      <div className="rounded-ui border border-line bg-surface">
        {pages.isPending ? <RowsSkeleton rows={12} /> : null}
        {pages.isSuccess && entries.length === 0 ? (
          <EmptyState icon={ScrollText} title={t("audit.empty-title")}>
            {t("audit.empty")}
          </EmptyState>
        ) : null}
        {entries.map((entry) => (
          <AuditLine key={entry.id} entry={entry} />
        ))}
        {pages.hasNextPage ? (
          <div className="grid justify-items-center p-3">
            <Button size="small" isBusy={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
              {t("controls.load-more")}
            </Button>
          </div>
        ) : null}
      </div>
    </>
  );
}

function AuditLine({ entry }: { entry: Entry }) {
  const { t } = useWords();
  return (
    <Disclosure
      summary={
        <span className="grid gap-x-4 text-table sm:grid-cols-[10rem_minmax(0,1fr)_auto] sm:items-center">
          <span className="truncate text-ink-2">
            {entry.actorName}
            {entry.actorKind === "user" ? null : (
              <span className="text-ink-3"> ({t(`audit.actor.${entry.actorKind}`)})</span>
            )}
          </span>
          <span className="min-w-0 [overflow-wrap:anywhere]">
            <span className="font-medium">{actionWords(entry.action)}</span>{" "}
            <span className="text-ink-2">{entry.subjectName}</span>
          </span>
          <span className="text-ink-3 text-meta">
            <Ago at={entry.at} />
          </span>
        </span>
      }
    >
      <div className="grid gap-3 bg-sunken px-4 py-3">
        <div className="grid gap-3 md:grid-cols-2">
          <Side title={t("audit.before")} value={entry.before} />
          <Side title={t("audit.after")} value={entry.after} />
        </div>
        <p className="text-ink-3 text-meta">
          <time dateTime={entry.at.toISOString()}>{entry.at.toISOString()}</time> ·{" "}
          {t("audit.request", { id: entry.requestId })}
        </p>
      </div>
    </Disclosure>
  );
}

function Side({ title, value }: { title: string; value: unknown }) {
  if (value === null || value === undefined) return null;
  return (
    <div className="grid min-w-0 content-start gap-1">
      <h3 className="text-ink-3 text-meta">{title}</h3>
      <pre className="overflow-x-auto rounded-ui border border-line bg-surface px-3 py-2 text-meta">
        {JSON.stringify(value, null, 2)}
      </pre>
    </div>
  );
}
