"use client";
import { useCallback, useMemo, useRef } from "react";
import { usePaced } from "./use-paced.ts";

/** Rows that come page by page, in the one form that every list screen shows. */
export interface List<Row> {
  rows: readonly Row[];
  /** How many match over all pages; null while that is not known. */
  total: number | null;
  isLoading: boolean;
  error: unknown;
  hasMore: boolean;
  isLoadingMore: boolean;
  loadMore: () => void;
  /** Asks again for all that is held; changes that come in quick succession are asked about together. */
  refresh: () => void;
}

/** What TanStack Query tells of a question that is answered in pages. */
interface PagedQuery<Page> {
  data: { pages: readonly Page[] } | undefined;
  error: unknown;
  isPending: boolean;
  hasNextPage: boolean;
  isFetching: boolean;
  isFetchingNextPage: boolean;
  fetchNextPage: () => Promise<unknown>;
  refetch: () => Promise<unknown>;
}

type RowOf<Page, Key extends keyof Page> = Page[Key] extends readonly (infer Row)[] ? Row : never;

/** The rows of all pages at hand, each once: one that moved from page to page between two answers came twice. */
export function useList<
  Page extends object,
  Key extends keyof Page,
  Row extends { id: string } = RowOf<Page, Key> extends { id: string } ? RowOf<Page, Key> : never,
>(query: PagedQuery<Page>, key: Key): List<Row> {
  const { data } = query;
  const rows = useMemo(() => {
    const byId = new Map<string, Row>();
    for (const page of data?.pages ?? []) for (const row of page[key] as Row[]) byId.set(row.id, row);
    return [...byId.values()];
  }, [data, key]);
  const latest = useRef(query);
  latest.current = query;
  const refresh = usePaced(() => query.refetch());
  const loadMore = useCallback(() => {
    // A page that is asked for while the list is asked about anew would throw that away.
    if (latest.current.hasNextPage && !latest.current.isFetching) void latest.current.fetchNextPage();
  }, []);
  return {
    rows,
    total: totalOf(data?.pages.at(-1)),
    isLoading: query.isPending,
    error: query.error,
    hasMore: query.hasNextPage,
    isLoadingMore: query.isFetchingNextPage,
    loadMore,
    refresh,
  };
}

function totalOf(page: object | undefined): number | null {
  return page !== undefined && "total" in page && typeof page.total === "number" ? page.total : null;
}

/** A list that is short enough to come whole. */
export function useWholeList<Row>(query: {
  data: readonly Row[] | undefined;
  error: unknown;
  isPending: boolean;
  refetch: () => Promise<unknown>;
}): List<Row> {
  const { data } = query;
  return {
    rows: data ?? [],
    total: data?.length ?? null,
    isLoading: query.isPending,
    error: query.error,
    hasMore: false,
    isLoadingMore: false,
    loadMore: () => {},
    refresh: () => void query.refetch(),
  };
}
