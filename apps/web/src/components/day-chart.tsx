"use client";
import { type ReactNode, useState } from "react";
import { classNames } from "./class-names.ts";
import { useWords } from "./words-provider.tsx";

/** One day of a chart. A value of null is a gap, and is drawn as one. */
export interface ChartDay {
  readonly day: string;
  readonly value: number | null;
  /** What the same day of the time before had; null where it is not compared, or had nothing. */
  readonly before: number | null;
  /** How much the value rests on, drawn as a bar below. */
  readonly volume: number;
  /** True where that is too little to say anything; the bar is hatched. */
  readonly isFew: boolean;
}

export interface DayChartProps {
  label: string;
  days: readonly ChartDay[];
  /** The top of the scale; the bottom is nought. */
  top: number;
  /** A value as it stands beside the scale. */
  formatValue: (value: number) => string;
  /** What the bars count. */
  volumeLabel: string;
  /** A day in a sentence, for the line below and for readers. */
  sentence: (index: number) => string;
  /** What goes with the sentence of the day that was chosen. */
  more?: (index: number) => ReactNode;
  /** Stands in the line below while no day is chosen. */
  hint: string;
}

const height = 100;

/**
 * A line over days with a bar of volume under each, and the time before as a dashed line. Pointing at a day reads it in
 * the line below; a click keeps it. For the keyboard and for readers the chart is one slider of days.
 */
export function DayChart(props: DayChartProps) {
  const { label, days, top, formatValue, volumeLabel, sentence, more, hint } = props;
  const { t, format } = useWords();
  const [pointed, setPointed] = useState<number | null>(null);
  const [kept, setKept] = useState<number | null>(null);
  const shown = pointed ?? (kept !== null && kept < days.length ? kept : null);
  const shownDay = shown === null ? undefined : days[shown];
  return (
    <figure className="grid min-w-0">
      <div className="grid grid-cols-[3.75rem_minmax(0,1fr)] px-4 pt-4">
        <div aria-hidden="true" className="text-right text-ink-3 text-meta">
          <Scale top={top} formatValue={formatValue} />
          <p className="mt-6 pr-2 leading-tight">{volumeLabel}</p>
        </div>
        <div className="min-w-0">
          <div className="relative">
            <Lines days={days} top={top} shown={shown} />
            <Bars days={days} shown={shown} />
            {/* Covers the lines and the bars, so that pointing, touching and the arrow keys all choose a day. */}
            <input
              type="range"
              min={0}
              max={days.length - 1}
              value={shown ?? days.length - 1}
              aria-label={label}
              aria-valuetext={sentence(shown ?? days.length - 1)}
              onChange={(event) => setKept(Number(event.target.value))}
              onFocus={(event) => {
                if (kept === null && event.target.matches(":focus-visible")) setKept(days.length - 1);
              }}
              onMouseMove={(event) => setPointed(indexAt(event, days.length))}
              onMouseLeave={() => setPointed(null)}
              onClick={(event) => {
                // The browser's own slider counts from the middle of its thumb, and the keyboard's click has no place.
                if (event.detail > 0) setKept(indexAt(event, days.length));
              }}
              className="absolute inset-0 z-10 m-0 h-full w-full cursor-crosshair appearance-none rounded-ui bg-transparent [&::-moz-range-thumb]:opacity-0 [&::-webkit-slider-thumb]:opacity-0"
            />
          </div>
          <DayLabels days={days} />
        </div>
      </div>
      <figcaption className="mt-2 grid min-h-12 content-center gap-1 border-line border-t px-4 py-2 text-table">
        {shownDay === undefined || shown === null ? (
          <span className="text-ink-3 text-meta">{hint}</span>
        ) : (
          <>
            <span>
              <span className="font-medium">{format.utcDay(shownDay.day)}</span>{" "}
              <span className="text-ink-2">{sentence(shown)}</span>
              {shownDay.isFew ? <span className="text-ink-3"> {t("chart.few")}</span> : null}
            </span>
            {pointed === null ? more?.(shown) : null}
          </>
        )}
      </figcaption>
    </figure>
  );
}

/** The middle of a day's column, in hundredths of the width. */
const xOf = (index: number, days: readonly ChartDay[]) => (100 * (index + 0.5)) / days.length;

function Lines({ days, top, shown }: Pick<DayChartProps, "days" | "top"> & { shown: number | null }) {
  const path = (values: readonly (number | null)[]) =>
    pathOf(values, { top, x: (index) => xOf(index, days) });
  return (
    <div aria-hidden="true" className="relative h-40">
      {[0, 0.5, 1].map((part) => (
        <span
          key={part}
          className="absolute inset-x-0 border-line border-t"
          style={{ top: `${100 * part}%` }}
        />
      ))}
      <svg
        aria-hidden="true"
        viewBox={`0 0 100 ${height}`}
        preserveAspectRatio="none"
        className="absolute inset-0 size-full overflow-visible"
      >
        <path
          d={path(days.map(({ before }) => before))}
          className="fill-none stroke-ink-3"
          strokeWidth={1.5}
          strokeDasharray="5 4"
          vectorEffect="non-scaling-stroke"
        />
        <path
          d={path(days.map(({ value }) => value))}
          className="fill-none stroke-accent"
          strokeWidth={2}
          strokeLinejoin="round"
          strokeLinecap="round"
          vectorEffect="non-scaling-stroke"
        />
      </svg>
      {shown === null ? null : (
        <span className="absolute inset-y-0 border-ink-3 border-l" style={{ left: `${xOf(shown, days)}%` }} />
      )}
      {days.map(({ day, value }, index) =>
        // A day between two gaps is no line, and would else not be seen.
        value !== null && (index === shown || isAlone(days, index)) ? (
          <span
            key={day}
            className="absolute size-2 -translate-x-1/2 -translate-y-1/2 rounded-full bg-accent ring-2 ring-surface"
            style={{ left: `${xOf(index, days)}%`, top: `${100 - (100 * Math.min(value, top)) / top}%` }}
          />
        ) : null,
      )}
    </div>
  );
}

function Bars({ days, shown }: Pick<DayChartProps, "days"> & { shown: number | null }) {
  const most = Math.max(1, ...days.map(({ volume }) => volume));
  return (
    <div aria-hidden="true" className="mt-2 flex h-10 items-end border-line border-b">
      {days.map(({ day, volume, isFew }, index) => (
        <span key={day} className="flex h-full flex-1 items-end justify-center">
          <span
            className={classNames(
              "w-3/5 max-w-5 rounded-t-[0.1875rem]",
              isFew ? hatched : index === shown ? "bg-accent" : "bg-line-strong",
            )}
            style={{ height: volume === 0 ? 0 : `max(3px, ${(100 * volume) / most}%)` }}
          />
        </span>
      ))}
    </div>
  );
}

const hatched =
  "border border-line-strong bg-[repeating-linear-gradient(135deg,var(--line-strong)_0_1px,transparent_1px_4px)]";

function indexAt(event: { clientX: number; currentTarget: Element }, count: number): number {
  const { left, width } = event.currentTarget.getBoundingClientRect();
  return Math.max(0, Math.min(count - 1, Math.floor((count * (event.clientX - left)) / width)));
}

function isAlone(days: readonly ChartDay[], index: number): boolean {
  return (days[index - 1]?.value ?? null) === null && (days[index + 1]?.value ?? null) === null;
}

function pathOf(
  values: readonly (number | null)[],
  { top, x }: { top: number; x: (index: number) => number },
): string {
  let isDrawing = false;
  return values
    .map((value, index) => {
      if (value === null) {
        isDrawing = false;
        return "";
      }
      const point = `${x(index).toFixed(2)} ${(height - (height * Math.min(value, top)) / top).toFixed(2)}`;
      const step = isDrawing ? `L${point}` : `M${point}`;
      isDrawing = true;
      return step;
    })
    .join("");
}

function Scale({ top, formatValue }: Pick<DayChartProps, "top" | "formatValue">) {
  return (
    <div className="figures relative h-40">
      {[1, 0.5, 0].map((part) => (
        <span
          key={part}
          className="absolute right-2 -translate-y-1/2"
          style={{ top: `${100 * (1 - part)}%` }}
        >
          {formatValue(top * part)}
        </span>
      ))}
    </div>
  );
}

/** Every day that there is room for, and the last one always. */
function DayLabels({ days }: Pick<DayChartProps, "days">) {
  const { format } = useWords();
  const step = Math.max(1, Math.ceil(days.length / labelsMax));
  return (
    <div aria-hidden="true" className="relative mt-1 h-4 text-ink-3 text-meta">
      {days.map(({ day }, index) => {
        const fromEnd = days.length - 1 - index;
        if (fromEnd % step !== 0) return null;
        return (
          <span
            key={day}
            className={classNames(
              "absolute whitespace-nowrap",
              fromEnd === 0 ? "right-0" : "-translate-x-1/2",
              (fromEnd / step) % 2 === 1 && "max-sm:hidden",
            )}
            style={fromEnd === 0 ? undefined : { left: `${xOf(index, days)}%` }}
          >
            {format.utcDay(day)}
          </span>
        );
      })}
    </div>
  );
}

const labelsMax = 8;
