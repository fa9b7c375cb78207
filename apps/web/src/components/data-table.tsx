"use client";
import { ArrowDown, ArrowUp, ChevronRight, ChevronsUpDown } from "lucide-react";
import { useRouter } from "next/navigation";
import { type KeyboardEvent, type MouseEvent, memo, type ReactNode, useRef, useState } from "react";
import { Checkbox } from "./checkbox.tsx";
import { classNames } from "./class-names.ts";
import { useRowWindow } from "./use-row-window.ts";
import { useWords } from "./words-provider.tsx";

export interface Column<Row> {
  id: string;
  header: string;
  cell: (row: Row) => ReactNode;
  /** The name that sorts by this column in the URL and on the server; without it the column does not sort. */
  sortKey?: string;
  align?: "left" | "right";
  /** From which width on the column is shown; narrower screens leave it out. */
  from?: "sm" | "md" | "lg" | "xl";
  /** Shown only to those who ask for it. */
  isHiddenAtFirst?: boolean;
  /** Holds the buttons of the row: always shown, its header for readers only. */
  isActions?: boolean;
  className?: string;
}

export interface Sorting {
  key: string;
  isDescending: boolean;
}

/** The ids of the rows that are selected. */
export type Selection = Readonly<Record<string, true>>;

export interface DataTableProps<Row> {
  label: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  rowId: (row: Row) => string;
  /** What the row is called, for the labels of its checkbox. */
  rowName: (row: Row) => string;
  /** Where Enter and a click on the row lead. */
  rowHref?: (row: Row) => string;
  /** What Enter and a click on the row unfold below it. */
  details?: (row: Row) => ReactNode;
  /** How many rows there are over all pages, when that is known. */
  total?: number | null;
  sorting?: Sorting | null;
  onSort?: (key: string) => void;
  selection?: Selection;
  onSelectionChange?: (selection: Selection) => void;
}

const fromClasses = {
  sm: "max-sm:hidden",
  md: "max-md:hidden",
  lg: "max-lg:hidden",
  xl: "max-xl:hidden",
} as const;

/**
 * A table of work: 40 px rows, arrow keys, j and k move, Enter opens, space selects. A long one holds only the rows
 * that can be seen.
 */
export function DataTable<Row extends object>(props: DataTableProps<Row>) {
  const { label, columns, rows, rowId, rowName, rowHref, details, sorting, onSort, selection } = props;
  const { t } = useWords();
  const router = useRouter();
  const table = useRef<HTMLTableElement>(null);
  const [active, setActive] = useState(0);
  const [unfolded, setUnfolded] = useState<ReadonlySet<string>>(new Set());
  const idAt = (index: number) => {
    const row = rows[index];
    return row === undefined ? String(index) : rowId(row);
  };
  const view = useRowWindow({ table, count: rows.length, idAt, active });

  const toggleSelected = (id: string) => {
    const { [id]: isSelected, ...others } = selection ?? {};
    props.onSelectionChange?.(isSelected ? others : { ...others, [id]: true });
  };
  const open = (row: Row) => {
    if (details !== undefined) setUnfolded((before) => toggled(before, rowId(row)));
    else if (rowHref !== undefined) router.push(rowHref(row));
  };
  const act = (row: Row, index: number, deed: RowDeed) => {
    if (deed.kind === "open") return open(row);
    if (deed.kind === "select") return toggleSelected(rowId(row));
    const next = Math.max(0, Math.min(rows.length - 1, index + deed.by));
    setActive(next);
    if (deed.by !== 0) view.focusRow(next);
  };
  // Rows are drawn anew only when what they show has changed, so what they call must stay the same function.
  const latestAct = useRef(act);
  latestAct.current = act;
  const [onDeed] = useState(
    () => (row: Row, index: number, deed: RowDeed) => latestAct.current(row, index, deed),
  );

  const columnCount = columns.length + (selection === undefined ? 0 : 1);
  return (
    <table
      ref={table}
      aria-label={label}
      aria-rowcount={view.isPartial ? (props.total ?? rows.length) + 1 : undefined}
      className="w-full border-collapse text-left text-table"
    >
      <thead className="sticky top-0 z-10 bg-surface max-md:top-12">
        <tr className="shadow-[inset_0_-1px_0_var(--line)]">
          {selection === undefined ? null : (
            <th scope="col" className="w-10 pl-4">
              <SelectAll ids={rows.map(rowId)} selection={selection} onChange={props.onSelectionChange} />
            </th>
          )}
          {columns.map((column) => (
            <HeaderCell key={column.id} column={column} sorting={sorting ?? null} onSort={onSort} />
          ))}
        </tr>
      </thead>
      {view.items.map((item) => {
        if (item.kind === "gap") return <Gap key={item.key} heightPx={item.heightPx} columns={columnCount} />;
        const row = rows[item.index];
        if (row === undefined) return null;
        const id = rowId(row);
        return (
          <tbody
            key={id}
            ref={view.measure}
            data-index={item.index}
            className="border-line border-b last:border-b-0"
          >
            <TableRow
              row={row}
              index={item.index}
              columns={columns as readonly Column<object>[]}
              name={rowName(row)}
              isPartial={view.isPartial}
              isActive={item.index === Math.min(active, rows.length - 1)}
              isSelected={selection === undefined ? undefined : selection[id] === true}
              isUnfolded={details === undefined ? undefined : unfolded.has(id)}
              canOpen={rowHref !== undefined || details !== undefined}
              selectLabel={selection === undefined ? "" : t("table.select-row", { name: rowName(row) })}
              onDeed={onDeed as (row: object, index: number, deed: RowDeed) => void}
            />
            {details !== undefined && unfolded.has(id) ? (
              <tr>
                <td colSpan={columnCount} className="border-line border-t bg-sunken p-0">
                  {details(row)}
                </td>
              </tr>
            ) : null}
          </tbody>
        );
      })}
    </table>
  );
}

type RowDeed = { kind: "open" } | { kind: "select" } | { kind: "move"; by: number };

interface TableRowProps {
  row: object;
  index: number;
  columns: readonly Column<object>[];
  name: string;
  isPartial: boolean;
  isActive: boolean;
  isSelected: boolean | undefined;
  isUnfolded: boolean | undefined;
  canOpen: boolean;
  selectLabel: string;
  onDeed: (row: object, index: number, deed: RowDeed) => void;
}

const TableRow = memo(function TableRow(props: TableRowProps) {
  const { row, index, columns, isActive, isSelected, isUnfolded, canOpen, onDeed } = props;
  const { t } = useWords();
  const onKeyDown = (event: KeyboardEvent<HTMLTableRowElement>) => {
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return;
    const deed = deedOfKey(event.key, isSelected !== undefined);
    if (deed === null) return;
    onDeed(row, index, deed);
    event.preventDefault();
  };
  const onClick = (event: MouseEvent<HTMLTableRowElement>) => {
    const isOnControl =
      (event.target as HTMLElement).closest("a,button,input,label,[role=checkbox],[role=menuitem]") !== null;
    if (!isOnControl && getSelection()?.isCollapsed !== false) onDeed(row, index, { kind: "open" });
  };
  return (
    <tr
      data-row
      // One stop of the tab key for the whole table; the arrow keys go on from there.
      tabIndex={isActive ? 0 : -1}
      aria-rowindex={props.isPartial ? index + 2 : undefined}
      onFocus={() => onDeed(row, index, { kind: "move", by: 0 })}
      onKeyDown={onKeyDown}
      onClick={onClick}
      className={classNames(
        "group h-10 scroll-mt-10 -outline-offset-2 max-md:scroll-mt-22",
        canOpen && "cursor-pointer",
        isSelected ? "bg-accent-soft" : "hover:bg-hover",
      )}
    >
      {isSelected === undefined ? null : (
        <td className="w-10 pl-4">
          <Checkbox
            label={props.selectLabel}
            isChecked={isSelected}
            onChange={() => onDeed(row, index, { kind: "select" })}
          />
        </td>
      )}
      {columns.map((column, position) => (
        <td
          key={column.id}
          className={classNames(
            "px-3 py-1.5 first:pl-4 last:pr-4",
            column.align === "right" && "text-right",
            column.from && fromClasses[column.from],
            column.className,
          )}
        >
          {isUnfolded !== undefined && position === 0 ? (
            <span className="flex items-center gap-2">
              {/* A row of a plain table cannot say that it is unfolded. Tab stops at the row, where Enter does the same. */}
              <button
                type="button"
                tabIndex={-1}
                aria-expanded={isUnfolded}
                aria-label={t("table.details-of", { name: props.name })}
                onClick={() => onDeed(row, index, { kind: "open" })}
                className="shrink-0 rounded-ui"
              >
                <ChevronRight
                  aria-hidden="true"
                  className={classNames(
                    "size-3.5 text-ink-3 transition-transform",
                    isUnfolded && "rotate-90",
                  )}
                />
              </button>
              {column.cell(row)}
            </span>
          ) : (
            column.cell(row)
          )}
        </td>
      ))}
    </tr>
  );
});

function deedOfKey(key: string, isSelectable: boolean): RowDeed | null {
  switch (key) {
    case "ArrowDown":
    case "j":
      return { kind: "move", by: 1 };
    case "ArrowUp":
    case "k":
      return { kind: "move", by: -1 };
    case "Home":
      return { kind: "move", by: Number.NEGATIVE_INFINITY };
    case "End":
      return { kind: "move", by: Number.POSITIVE_INFINITY };
    case "Enter":
      return { kind: "open" };
    case " ":
      return isSelectable ? { kind: "select" } : null;
    default:
      return null;
  }
}

/** Holds the place of rows that are out of sight. */
function Gap({ heightPx, columns }: { heightPx: number; columns: number }) {
  return (
    <tbody aria-hidden="true">
      <tr>
        <td colSpan={columns} className="p-0" style={{ height: heightPx }} />
      </tr>
    </tbody>
  );
}

function toggled(set: ReadonlySet<string>, id: string): ReadonlySet<string> {
  const next = new Set(set);
  if (!next.delete(id)) next.add(id);
  return next;
}

interface SelectAllProps {
  ids: readonly string[];
  selection: Selection;
  onChange: ((selection: Selection) => void) | undefined;
}

function SelectAll({ ids, selection, onChange }: SelectAllProps) {
  const { t } = useWords();
  const isAll = ids.length > 0 && ids.every((id) => selection[id]);
  return (
    <Checkbox
      label={t("table.select-all")}
      isChecked={isAll ? true : ids.some((id) => selection[id]) ? "indeterminate" : false}
      onChange={() => onChange?.(isAll ? {} : Object.fromEntries(ids.map((id) => [id, true])))}
    />
  );
}

interface HeaderCellProps<Row> {
  column: Column<Row>;
  sorting: Sorting | null;
  onSort: ((key: string) => void) | undefined;
}

function HeaderCell<Row>({ column, sorting, onSort }: HeaderCellProps<Row>) {
  const isSorted = sorting !== null && sorting.key === column.sortKey;
  const direction = isSorted ? (sorting.isDescending ? "descending" : "ascending") : undefined;
  const Icon = !isSorted ? ChevronsUpDown : sorting.isDescending ? ArrowDown : ArrowUp;
  return (
    <th
      scope="col"
      aria-sort={direction}
      className={classNames(
        "h-9 whitespace-nowrap px-3 font-medium text-ink-3 text-meta first:pl-4 last:pr-4",
        column.align === "right" && "text-right",
        column.from && fromClasses[column.from],
        column.className,
      )}
    >
      {column.isActions ? (
        <span className="sr-only">{column.header}</span>
      ) : column.sortKey === undefined || onSort === undefined ? (
        column.header
      ) : (
        <button
          type="button"
          onClick={() => onSort(column.sortKey ?? "")}
          className={classNames(
            "group/sort -mx-1 inline-flex items-center gap-1 rounded-ui px-1 py-0.5 hover:text-ink",
            isSorted && "text-ink",
            column.align === "right" && "flex-row-reverse",
          )}
        >
          {column.header}
          <Icon
            aria-hidden="true"
            className={classNames(
              "size-3",
              !isSorted && "opacity-0 group-hover/sort:opacity-70 group-focus-visible/sort:opacity-70",
            )}
          />
        </button>
      )}
    </th>
  );
}
