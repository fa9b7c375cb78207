"use client";
import { defaultRangeExtractor, useWindowVirtualizer } from "@tanstack/react-virtual";
import { type RefObject, useLayoutEffect, useRef, useState } from "react";

/** Below this many rows all are in the page, where the browser's own search finds them. */
const wholeRowsMax = 200;
const rowsBeyondTheEdge = 12;
const usualRowPx = 41;
// What sticks to the top of the window and hides what lies under it: the head of the table, and a phone's bar above it.
const stuckPx = 84;

export type WindowItem = { kind: "row"; index: number } | { kind: "gap"; key: string; heightPx: number };

export interface RowWindow {
  /** The rows to draw, with the space of those left out between them. */
  items: readonly WindowItem[];
  first: number;
  last: number;
  /** True when not all rows are in the page. */
  isPartial: boolean;
  /** Given to each row's outer element, whose data-index names it. */
  measure: (element: HTMLElement | null) => void;
  /** Brings a row into view and puts the focus on it. */
  focusRow: (index: number) => void;
}

interface RowWindowOptions {
  table: RefObject<HTMLTableElement | null>;
  count: number;
  idAt: (index: number) => string;
  /** The row that has the focus, which is never left out. */
  active: number;
}

/** Says which rows of a table to draw while the window scrolls over it. */
export function useRowWindow({ table, count, idAt, active }: RowWindowOptions): RowWindow {
  const isPartial = count > wholeRowsMax;
  const [aboveTablePx, setAboveTablePx] = useState(0);
  const rowPx = useRef(usualRowPx);
  const wanted = useRef<number | null>(null);
  const virtualizer = useWindowVirtualizer<HTMLElement>({
    count,
    enabled: isPartial,
    estimateSize: () => rowPx.current,
    getItemKey: idAt,
    overscan: rowsBeyondTheEdge,
    scrollMargin: aboveTablePx,
    scrollPaddingStart: stuckPx,
    rangeExtractor: (range) => withActive(defaultRangeExtractor(range), Math.min(active, count - 1)),
    useFlushSync: false,
  });

  useLayoutEffect(() => {
    const element = table.current;
    if (element === null) return;
    const headPx = element.tHead?.offsetHeight ?? 0;
    // While all rows are there, they tell how high those will be that are left out later.
    if (!isPartial && count > 0) rowPx.current = (element.offsetHeight - headPx) / count;
    setAboveTablePx(Math.round(element.getBoundingClientRect().top + window.scrollY + headPx));
  }, [table, isPartial, count]);

  // A row that was out of sight is drawn only after the window has scrolled, so the focus follows then.
  useLayoutEffect(() => {
    if (wanted.current === null) return;
    const row = rowElement(table.current, wanted.current);
    if (row === null) return;
    wanted.current = null;
    row.focus({ preventScroll: true });
  });

  const focusRow = (index: number) => {
    if (isPartial) virtualizer.scrollToIndex(index, { align: "auto" });
    const row = rowElement(table.current, index);
    if (row === null) wanted.current = index;
    else row.focus({ preventScroll: isPartial });
  };

  const drawn = virtualizer.getVirtualItems();
  // A list that has just grown long has not looked at the window yet; a row taken away until then would lose the focus.
  if (!isPartial || drawn.length === 0) {
    const items = Array.from({ length: count }, (_, index): WindowItem => ({ kind: "row", index }));
    return { items, first: 0, last: count - 1, isPartial, measure: ignore, focusRow };
  }
  const items: WindowItem[] = [];
  let endPx = aboveTablePx;
  for (const { index, start, end } of drawn) {
    if (start > endPx) items.push({ kind: "gap", key: `before ${index}`, heightPx: start - endPx });
    items.push({ kind: "row", index });
    endPx = end;
  }
  const restPx = virtualizer.getTotalSize() + aboveTablePx - endPx;
  if (restPx > 0) items.push({ kind: "gap", key: "after", heightPx: restPx });
  const { startIndex = 0, endIndex = 0 } = virtualizer.range ?? {};
  return {
    items,
    first: startIndex,
    last: endIndex,
    isPartial,
    measure: virtualizer.measureElement,
    focusRow,
  };
}

function ignore(): void {
  // A table that holds all its rows lets the browser lay them out.
}

function withActive(indexes: number[], active: number): number[] {
  if (active < 0 || indexes.includes(active)) return indexes;
  return [...indexes, active].sort((a, b) => a - b);
}

function rowElement(table: HTMLTableElement | null, index: number): HTMLElement | null {
  return table?.querySelector<HTMLElement>(`tbody[data-index="${index}"] > tr`) ?? null;
}
