"use client";
import { Download, SearchX } from "lucide-react";
import { type ReactNode, useEffect, useMemo, useRef } from "react";
import type { List } from "../client/use-list.ts";
import { Button, IconButton } from "./button.tsx";
import { chooseColumns } from "./column-choice.ts";
import { useColumnChoice } from "./column-choice-provider.tsx";
import { ColumnMenu } from "./column-menu.tsx";
import { DataTable, type DataTableProps } from "./data-table.tsx";
import { EmptyState } from "./empty-state.tsx";
import { FilterBar } from "./filter-bar.tsx";
import { ProblemNote } from "./problem-note.tsx";
import { RowsSkeleton } from "./skeleton.tsx";
import { useWords } from "./words-provider.tsx";

type TableProps<Row> = Omit<DataTableProps<Row>, "rows" | "total">;

export interface ListFrameProps<Row> extends TableProps<Row> {
  /** Names the list where its columns are remembered. */
  name: string;
  list: List<Row>;
  /** The search and the selects that stand in the bar. */
  filters?: ReactNode;
  /** The action that makes a new row, where it belongs to the list and not to the page. */
  action?: ReactNode;
  /** How many rows match, in words. */
  countWords: (count: number) => string;
  /** Where all rows that match are to be had as CSV. */
  exportHref: string;
  isFiltered?: boolean;
  onClearFilters?: () => void;
  /** Stands in place of everything while there is no row at all. */
  empty: ReactNode;
  /** What to say when no row matches the filters. */
  noneMatch?: { title: string; advice: string };
}

/** The one frame of every list: its bar, its table, and the pages that follow while the person scrolls. */
export function ListFrame<Row extends object>(props: ListFrameProps<Row>) {
  const { name, list, filters, action, countWords, exportHref, isFiltered = false, empty, ...table } = props;
  const { noneMatch, onClearFilters, ...tableProps } = table;
  const { t } = useWords();
  const [choice, choose] = useColumnChoice(name);
  const columns = useMemo(() => chooseColumns(props.columns, choice), [props.columns, choice]);
  const isEmpty = !list.isLoading && list.error === null && list.rows.length === 0;
  // Of a list that could not be read nobody knows how many there are.
  const isUnread = list.isLoading || (list.error !== null && list.rows.length === 0);
  const count = isUnread ? null : (list.total ?? (list.hasMore ? null : list.rows.length));
  return (
    <div className="min-w-0 rounded-ui border border-line bg-surface">
      {isEmpty && !isFiltered ? (
        empty
      ) : (
        <>
          <FilterBar>
            {filters}
            <div className="ml-auto flex items-center gap-1 max-sm:grow max-sm:justify-end">
              <span className="figures whitespace-nowrap px-2 text-ink-3 text-meta" role="status">
                {count === null ? null : countWords(count)}
              </span>
              <ColumnMenu columns={props.columns} choice={choice} onChoose={choose} />
              <IconButton asChild label={t("table.export")}>
                <a href={exportHref}>
                  <Download aria-hidden="true" className="size-4" />
                </a>
              </IconButton>
              {action}
            </div>
          </FilterBar>
          {list.isLoading ? <RowsSkeleton rows={10} /> : null}
          {isEmpty && noneMatch !== undefined ? (
            <EmptyState
              icon={SearchX}
              title={noneMatch.title}
              action={
                onClearFilters === undefined ? null : (
                  <Button onClick={onClearFilters}>{t("table.clear-filters")}</Button>
                )
              }
            >
              {noneMatch.advice}
            </EmptyState>
          ) : null}
          {list.rows.length > 0 ? (
            <DataTable {...tableProps} columns={columns} rows={list.rows} total={list.total} />
          ) : null}
          {list.error !== null ? <Failure list={list} /> : list.hasMore ? <MoreRows list={list} /> : null}
        </>
      )}
    </div>
  );
}

/** Stands where the rows that could not be read would stand. */
function Failure<Row>({ list }: { list: List<Row> }) {
  const { t } = useWords();
  return (
    <div className="flex flex-wrap items-start gap-3 border-line border-t p-3">
      <div className="min-w-0 flex-1">
        <ProblemNote error={list.error} />
      </div>
      <Button onClick={list.refresh}>{t("controls.try-again")}</Button>
    </div>
  );
}

// Far enough ahead that the next page is there before the end of this one comes into view.
const aheadPx = 1200;

/** Holds the place of the rows that follow, and asks for them when it comes close to the screen. */
function MoreRows<Row>({ list }: { list: List<Row> }) {
  const { t } = useWords();
  const place = useRef<HTMLDivElement>(null);
  const { loadMore, rows } = list;
  // Observed anew after each page, because a place that stays in view tells nothing new by itself.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the number of rows is what makes it look again
  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.some((entry) => entry.isIntersecting)) loadMore();
      },
      { rootMargin: `${aheadPx}px` },
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, [loadMore, rows.length, list.isLoadingMore]);
  return (
    <div ref={place} className="border-line border-t">
      <RowsSkeleton rows={3} />
      <span className="sr-only">{t("controls.loading")}</span>
    </div>
  );
}
