"use client";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { ScrollText } from "lucide-react";
import { useMemo } from "react";
import { exportHref } from "../../client/export-href.ts";
import { paging } from "../../client/paging.ts";
import type { RouterOutputs } from "../../client/router-types.ts";
import { useTRPC } from "../../client/trpc.tsx";
import { useList } from "../../client/use-list.ts";
import { useUrlParams } from "../../client/use-url-params.ts";
import type { Column } from "../../components/data-table.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { SearchBox } from "../../components/filter-bar.tsx";
import { ListFrame } from "../../components/list-frame.tsx";
import { PageHeader } from "../../components/page-header.tsx";
import { Ago } from "../../components/time.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { actionWords } from "./action-words.ts";
import { auditQuery } from "./audit-query.ts";

type Entry = RouterOutputs["audit"]["list"]["entries"][number];

/** Who did what, newest first; each line opens to what it was before and after. */
export function AuditScreen() {
  const { t } = useWords();
  const trpc = useTRPC();
  const [params, setParams] = useUrlParams();
  const search = params.get("q") ?? "";
  const list = useList(
    useInfiniteQuery(
      trpc.audit.list.infiniteQueryOptions(auditQuery(search), {
        ...paging,
        placeholderData: keepPreviousData,
      }),
    ),
    "entries",
  );
  const columns = useAuditColumns();
  return (
    <>
      <PageHeader title={t("audit.title")} description={t("audit.lead")} />
      <ListFrame
        name="audit"
        label={t("audit.title")}
        list={list}
        columns={columns}
        rowId={(entry) => entry.id}
        rowName={(entry) => actionWords(entry.action)}
        details={(entry) => <EntryDetails entry={entry} />}
        countWords={(count) => t("audit.count", { count })}
        exportHref={exportHref("audit", params)}
        isFiltered={search !== ""}
        onClearFilters={() => setParams({ q: null })}
        noneMatch={{ title: t("audit.none-match-title"), advice: t("audit.none-match") }}
        filters={<SearchBox label={t("audit.search")} value={search} onChange={(q) => setParams({ q })} />}
        empty={
          <EmptyState icon={ScrollText} title={t("audit.empty-title")}>
            {t("audit.empty")}
          </EmptyState>
        }
      />
    </>
  );
}

function useAuditColumns(): readonly Column<Entry>[] {
  const { t } = useWords();
  return useMemo(
    () => [
      {
        id: "what",
        header: t("audit.column.what"),
        cell: (entry) => (
          <span className="grid min-w-0 leading-tight">
            <span className="font-medium">{actionWords(entry.action)}</span>
            <span className="text-ink-3 text-meta sm:hidden">
              {entry.subjectName} · {entry.actorName}
            </span>
          </span>
        ),
      },
      {
        id: "subject",
        header: t("audit.column.subject"),
        from: "sm",
        cell: (entry) => <span className="text-ink-2 [overflow-wrap:anywhere]">{entry.subjectName}</span>,
      },
      {
        id: "who",
        header: t("audit.column.who"),
        from: "sm",
        cell: (entry) => (
          <span className="text-ink-2">
            {entry.actorName}
            {entry.actorKind === "user" ? null : (
              <span className="text-ink-3"> ({t(`audit.actor.${entry.actorKind}`)})</span>
            )}
          </span>
        ),
      },
      {
        id: "when",
        header: t("audit.column.when"),
        align: "right",
        cell: (entry) => (
          <span className="text-ink-2">
            <Ago at={entry.at} />
          </span>
        ),
      },
    ],
    [t],
  );
}

function EntryDetails({ entry }: { entry: Entry }) {
  const { t } = useWords();
  return (
    <div className="grid gap-3 px-4 py-3">
      <div className="grid gap-3 md:grid-cols-2">
        <Side title={t("audit.before")} value={entry.before} />
        <Side title={t("audit.after")} value={entry.after} />
      </div>
      <p className="text-ink-3 text-meta">
        <time dateTime={entry.at.toISOString()}>{entry.at.toISOString()}</time> ·{" "}
        {t("audit.request", { id: entry.requestId })}
      </p>
    </div>
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
