"use client";
import { stateOfMark } from "@mailstead/core/rollouts";
import {
  type KeyboardEvent,
  type MouseEvent,
  memo,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
} from "react";
import { classNames } from "../../components/class-names.ts";
import { useWords } from "../../components/words-provider.tsx";
import { chunksInView } from "./chunks-in-view.ts";
import { memberLooks } from "./member-look.ts";

const gapPx = 3;
const rowsPerChunk = 6;
// What the class of the scrolled area allows, until it has been measured.
const heightAtFirstPx = 352;
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
 * The servers of a wave, one cell each. Only rows of cells whose letters have changed are drawn anew, and of a large wave the
 * page holds those near to what is seen.
 */
export function WaveCells({ label, ids, names, first, marks, onOpen }: WaveCellsProps) {
  const sizePx = marks.length > largeServersMin ? sizes.small : sizes.usual;
  const area = useRef<HTMLDivElement>(null);
  const [columns, setColumns] = useState(40);
  const [active, setActive] = useState(first);
  const scroller = useRef<HTMLDivElement>(null);
  const wanted = useRef<number | null>(null);
  const chunkPx = rowsPerChunk * (sizePx + gapPx);
  const [view, setView] = useState(() => chunksInView({ topPx: 0, heightPx: heightAtFirstPx, chunkPx }));
  const look = () => {
    const element = scroller.current;
    if (element === null) return;
    const next = chunksInView({ topPx: element.scrollTop, heightPx: element.clientHeight, chunkPx });
    setView((before) => (before.from === next.from && before.to === next.to ? before : next));
  };
  // A cell that was out of sight is there only after the page has been drawn, so the focus follows then.
  useLayoutEffect(() => {
    if (wanted.current === null) return;
    const cell = area.current?.querySelector<HTMLElement>(`[data-at="${wanted.current}"]`);
    wanted.current = null;
    cell?.focus();
  });
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
    wanted.current = next;
    setActive(next);
    // Where it is active already, nothing would be drawn anew.
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
    <div
      ref={scroller}
      onScroll={look}
      onKeyDown={onKeyDown}
      onClick={onClick}
      className="max-h-88 overflow-y-auto p-px"
    >
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset is for what is filled in */}
      <div ref={area} role="group" aria-label={label} className="grid" style={{ gap: gapPx }}>
        {Array.from({ length: chunks }, (_, chunk) => {
          const from = chunk * perChunk;
          const own = marks.slice(from, from + perChunk);
          const isActive = active >= first + from && active < first + from + own.length;
          // The active cell is where the tab key stops, so it is never left out.
          if ((chunk < view.from || chunk > view.to) && !isActive)
            return <div key={from} style={{ height: heightOf(own.length, columns, sizePx) }} />;
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

function heightOf(cells: number, columns: number, sizePx: number): number {
  return Math.ceil(cells / columns) * (sizePx + gapPx) - gapPx;
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
  return (
    <div
      className="grid"
      style={{
        gap: gapPx,
        gridTemplateColumns: `repeat(${columns}, ${sizePx}px)`,
        gridAutoRows: sizePx,
        contentVisibility: "auto",
        containIntrinsicHeight: heightOf(marks.length, columns, sizePx),
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
