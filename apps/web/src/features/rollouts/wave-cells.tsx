"use client";
import { stateOfMark } from "@mailstead/core/rollouts";
import { type KeyboardEvent, type MouseEvent, memo, useEffect, useRef, useState } from "react";
import { classNames } from "../../components/class-names.ts";
import { useWords } from "../../components/words-provider.tsx";
import { memberLooks } from "./member-look.ts";

const gapPx = 3;
const rowsPerChunk = 12;
/** Beyond this, cells are as small as a sign can still be read. */
const largeServersMin = 600;
const sizes = { usual: 20, small: 14 } as const;

export interface WaveCellsProps {
  label: string;
  /** Of all servers of the rollout, so that the same ones stay the same for as long as the page is open. */
  ids: readonly string[];
  names: readonly string[];
  /** Place of the wave's first server among them. */
  first: number;
  /** A letter of each server of the wave. */
  marks: string;
  onOpen: (serverId: string) => void;
}

/**
 * The servers of a wave, one cell each. Only rows of cells whose letters have changed are drawn anew, and those out of sight
 * are left to the browser to skip.
 */
export function WaveCells({ label, ids, names, first, marks, onOpen }: WaveCellsProps) {
  const sizePx = marks.length > largeServersMin ? sizes.small : sizes.usual;
  const area = useRef<HTMLDivElement>(null);
  const [columns, setColumns] = useState(40);
  const [active, setActive] = useState(first);
  useEffect(() => {
    const element = area.current;
    if (element === null) return;
    const observer = new ResizeObserver(() =>
      setColumns(Math.max(1, Math.floor((element.clientWidth + gapPx) / (sizePx + gapPx)))),
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, [sizePx]);

  const move = (to: number) => {
    const next = Math.max(first, Math.min(first + marks.length - 1, to));
    setActive(next);
    area.current?.querySelector<HTMLElement>(`[data-at="${next}"]`)?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const by = steps(columns)[event.key];
    if (by === undefined) return;
    event.preventDefault();
    move(active + by);
  };
  const onClick = (event: MouseEvent) => {
    const at = (event.target as HTMLElement).closest<HTMLElement>("[data-at]")?.dataset["at"];
    const id = at === undefined ? undefined : ids[Number(at)];
    if (id === undefined) return;
    setActive(Number(at));
    onOpen(id);
  };
  const perChunk = columns * rowsPerChunk;
  const chunks = Math.ceil(marks.length / perChunk);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the cells are buttons, whose presses are taken here for all of them
    <div onKeyDown={onKeyDown} onClick={onClick} className="max-h-88 overflow-y-auto p-px">
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset is for what is filled in */}
      <div ref={area} role="group" aria-label={label} className="grid" style={{ gap: gapPx }}>
        {Array.from({ length: chunks }, (_, chunk) => {
          const from = chunk * perChunk;
          const own = marks.slice(from, from + perChunk);
          const isActive = active >= first + from && active < first + from + own.length;
          return (
            <Cells
              key={from}
              first={first + from}
              names={names}
              marks={own}
              active={isActive ? active : null}
              columns={columns}
              sizePx={sizePx}
            />
          );
        })}
      </div>
    </div>
  );
}

function steps(columns: number): Readonly<Record<string, number>> {
  return {
    ArrowRight: 1,
    ArrowLeft: -1,
    ArrowDown: columns,
    ArrowUp: -columns,
    Home: Number.NEGATIVE_INFINITY,
    End: Number.POSITIVE_INFINITY,
  };
}

interface CellsProps {
  first: number;
  names: readonly string[];
  marks: string;
  active: number | null;
  columns: number;
  sizePx: number;
}

const Cells = memo(function Cells({ first, names, marks, active, columns, sizePx }: CellsProps) {
  const { t } = useWords();
  const rows = Math.ceil(marks.length / columns);
  return (
    <div
      className="grid"
      style={{
        gap: gapPx,
        gridTemplateColumns: `repeat(${columns}, ${sizePx}px)`,
        gridAutoRows: sizePx,
        contentVisibility: "auto",
        containIntrinsicHeight: rows * (sizePx + gapPx) - gapPx,
      }}
    >
      {[...marks].map((mark, index) => {
        const at = first + index;
        const state = stateOfMark(mark);
        const name = names[at] ?? "";
        const label = t("rollout.cell", {
          name,
          state: state === null ? t("rollout.cell-hidden") : t(`rollout.member.${state}`),
        });
        return (
          <button
            key={at}
            type="button"
            data-at={at}
            // One stop of the tab key for the whole wave; the arrow keys go on from there.
            tabIndex={active === at ? 0 : -1}
            aria-label={label}
            title={label}
            className={classNames(
              "grid place-items-center rounded-[0.1875rem] font-semibold leading-none hover:outline-2 hover:outline-accent",
              sizePx === sizes.small ? "text-[0.5625rem]" : "text-[0.6875rem]",
              state === null ? "bg-line/50" : memberLooks[state].cell,
            )}
          >
            {state === null ? "" : memberLooks[state].sign}
          </button>
        );
      })}
    </div>
  );
});
