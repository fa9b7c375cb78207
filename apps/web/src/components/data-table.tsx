"use client";
import {
  type ColumnDef,
  type RowSelectionState,
  rowSelectionFeature,
  tableFeatures,
  useTable,
} from "@tanstack/react-table";
import { ArrowDown, ArrowUp, ChevronsUpDown } from "lucide-react";
import { useRouter } from "next/navigation";
import { type KeyboardEvent, type ReactNode, useRef } from "react";
import { Checkbox } from "./checkbox.tsx";
import { classNames } from "./class-names.ts";
import { useWords } from "./words-provider.tsx";

const features = tableFeatures({ rowSelectionFeature });

export interface Column<Row> {
  id: string;
  header: string;
  cell: (row: Row) => ReactNode;
  /** The name that sorts by this column in the URL and on the server; without it the column does not sort. */
  sortKey?: string;
  align?: "left" | "right";
  /** From which width on the column is shown; narrower screens leave it out. */
  from?: "sm" | "md" | "lg" | "xl";
  className?: string;
}

export interface Sorting {
  key: string;
  isDescending: boolean;
}

export interface DataTableProps<Row> {
  label: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  rowId: (row: Row) => string;
  /** What the row is called, for the labels of its checkbox. */
  rowName: (row: Row) => string;
  /** Where Enter and a click on the row lead. */
  rowHref?: (row: Row) => string;
  sorting?: Sorting | null;
  onSort?: (key: string) => void;
  selection?: RowSelectionState;
  onSelectionChange?: (selection: RowSelectionState) => void;
}

const fromClasses = {
  sm: "max-sm:hidden",
  md: "max-md:hidden",
  lg: "max-lg:hidden",
  xl: "max-xl:hidden",
} as const;

/** A table of work: 40 px rows, arrow keys, j and k move, Enter opens, space selects. */
export function DataTable<Row extends object>(props: DataTableProps<Row>) {
  const { label, columns, rows, rowId, rowName, rowHref, sorting, onSort, selection, onSelectionChange } =
    props;
  const { t } = useWords();
  const router = useRouter();
  const bodyRef = useRef<HTMLTableSectionElement>(null);
  const definitions: ColumnDef<typeof features, Row>[] = columns.map((column) => ({
    id: column.id,
    header: column.header,
    cell: ({ row }) => column.cell(row.original),
  }));
  const table = useTable({
    features,
    columns: definitions,
    data: rows as Row[],
    getRowId: rowId,
    state: { rowSelection: selection ?? {} },
    onRowSelectionChange: (next) =>
      onSelectionChange?.(typeof next === "function" ? next(selection ?? {}) : next),
  });
  const isSelectable = selection !== undefined;

  const moveFrom = (current: HTMLElement, step: number) => {
    const all = [...(bodyRef.current?.querySelectorAll<HTMLElement>("tr[data-row]") ?? [])];
    const next = all[Math.max(0, Math.min(all.length - 1, all.indexOf(current) + step))];
    next?.focus();
    next?.scrollIntoView({ block: "nearest" });
  };

  return (
    <table aria-label={label} className="w-full border-collapse text-left text-table">
      <thead className="sticky top-0 z-10 bg-surface max-md:top-12">
        <tr className="shadow-[inset_0_-1px_0_var(--line)]">
          {isSelectable ? (
            <th scope="col" className="w-10 pl-4">
              <Checkbox
                label={t("table.select-all")}
                isChecked={
                  table.getIsAllRowsSelected()
                    ? true
                    : table.getIsSomeRowsSelected()
                      ? "indeterminate"
                      : false
                }
                onChange={() => table.toggleAllRowsSelected()}
              />
            </th>
          ) : null}
          {columns.map((column) => (
            <HeaderCell key={column.id} column={column} sorting={sorting ?? null} onSort={onSort} />
          ))}
        </tr>
      </thead>
      <tbody ref={bodyRef}>
        {table.getRowModel().rows.map((row) => {
          const href = rowHref?.(row.original);
          const open = () => href !== undefined && router.push(href);
          const onKeyDown = (event: KeyboardEvent<HTMLTableRowElement>) => {
            if (event.target !== event.currentTarget) return;
            const step = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1, Home: -rows.length, End: rows.length }[
              event.key
            ];
            if (step !== undefined) moveFrom(event.currentTarget, step);
            else if (event.key === "Enter") open();
            else if (event.key === " " && isSelectable) row.toggleSelected();
            else return;
            event.preventDefault();
          };
          return (
            <tr
              key={row.id}
              data-row
              tabIndex={0}
              aria-selected={isSelectable ? row.getIsSelected() : undefined}
              onKeyDown={onKeyDown}
              onClick={(event) => {
                const isOnControl =
                  (event.target as HTMLElement).closest(
                    "a,button,input,label,[role=checkbox],[role=menuitem]",
                  ) !== null;
                if (!isOnControl && getSelection()?.isCollapsed !== false) open();
              }}
              className={classNames(
                "group h-10 border-line border-b -outline-offset-2 last:border-b-0",
                href && "cursor-pointer",
                row.getIsSelected() ? "bg-accent-soft" : "hover:bg-hover",
              )}
            >
              {isSelectable ? (
                <td className="w-10 pl-4">
                  <Checkbox
                    label={t("table.select-row", { name: rowName(row.original) })}
                    isChecked={row.getIsSelected()}
                    onChange={() => row.toggleSelected()}
                  />
                </td>
              ) : null}
              {row.getAllCells().map((cell, index) => {
                const column = columns[index];
                return (
                  <td
                    key={cell.id}
                    className={classNames(
                      "px-3 py-1.5 first:pl-4 last:pr-4",
                      column?.align === "right" && "text-right",
                      column?.from && fromClasses[column.from],
                      column?.className,
                    )}
                  >
                    <table.FlexRender cell={cell} />
                  </td>
                );
              })}
            </tr>
          );
        })}
      </tbody>
    </table>
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
      {column.sortKey === undefined || onSort === undefined ? (
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
