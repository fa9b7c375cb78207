"use client";
import { type DayFigures, type DayLevel, dayLevel } from "@mailstead/core/reputation";
import { type KeyboardEvent, type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import type { RouterOutputs } from "../../client/router-types.ts";
import { classNames } from "../../components/class-names.ts";
import { useWords } from "../../components/words-provider.tsx";
import { useReceiverName } from "./use-receiver-name.ts";

type Fleet = RouterOutputs["deliverability"]["fleet"];
type Cell = Fleet["cells"][number];
type Provider = Cell["provider"];

export interface DayMapProps {
  days: Fleet["days"];
  receivers: readonly Pick<Fleet["receivers"][number], "provider">[];
  cells: readonly Cell[];
  /** What stands below the sentence of a day with mail. */
  evidence?: (day: string, provider: Provider) => ReactNode;
}

interface Place {
  receiver: number;
  day: number;
}

/**
 * Receivers by days. A number in each cell says how many of a hundred messages were delivered; its look says whether the
 * receiver held any back for the sender's sake. Arrow keys go from cell to cell, and a line below reads the chosen one.
 */
export function DayMap({ days, receivers, cells, evidence }: DayMapProps) {
  const { t, format } = useWords();
  const nameOf = useReceiverName();
  const box = useRef<HTMLDivElement>(null);
  const [chosen, setChosen] = useState<Place | null>(null);
  const known = useMemo(() => new Map(cells.map((cell) => [keyOf(cell.provider, cell.day), cell])), [cells]);
  const entry = { receiver: 0, day: days.length - 1 };
  const active = chosen ?? entry;
  const hasChosen = useRef(false);
  hasChosen.current = chosen !== null;
  // The newest day is what people come for; it stands at the end, as time goes.
  // biome-ignore lint/correctness/useExhaustiveDependencies: another time begins at its own end
  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const showEnd = () => {
      if (!hasChosen.current) element.scrollLeft = element.scrollWidth;
    };
    const observer = new ResizeObserver(showEnd);
    observer.observe(element);
    showEnd();
    return () => observer.disconnect();
  }, [days.length]);
  const move = (event: KeyboardEvent) => {
    const next = neighbour(event.key, active, { receivers: receivers.length, days: days.length });
    if (next === null) return;
    event.preventDefault();
    box.current?.querySelector<HTMLElement>(`[data-cell="${next.receiver} ${next.day}"]`)?.focus();
  };
  const chosenDay = chosen === null ? undefined : days[chosen.day];
  const chosenProvider = chosen === null ? undefined : receivers[chosen.receiver]?.provider;
  const chosenCell =
    chosenDay === undefined || chosenProvider === undefined
      ? undefined
      : known.get(keyOf(chosenProvider, chosenDay));
  return (
    <div className="grid min-w-0">
      <div ref={box} className="relative overflow-x-auto">
        <table
          aria-label={t("deliverability.course")}
          className="border-separate border-spacing-0.5 px-2 py-2 text-meta"
          onKeyDown={move}
        >
          <thead>
            <tr>
              <th
                scope="col"
                className="sticky left-0 z-10 min-w-28 bg-surface px-2 text-left font-medium text-ink-3"
              >
                {t("deliverability.column.receiver")}
              </th>
              {days.map((day, index) => (
                <th key={day} scope="col" className="h-8 min-w-7.5 align-bottom font-medium text-ink-3">
                  <DayHead day={day} isNamed={index === 0 || day.endsWith("-01")} />
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {receivers.map(({ provider }, receiver) => (
              <tr key={provider ?? ""}>
                <th
                  scope="row"
                  className="sticky left-0 z-10 max-w-40 truncate bg-surface px-2 text-left font-medium text-ink-2"
                >
                  {nameOf(provider)}
                </th>
                {days.map((day, index) => {
                  const cell = known.get(keyOf(provider, day));
                  const isActive = active.receiver === receiver && active.day === index;
                  return (
                    <td key={day} className="p-0">
                      <button
                        type="button"
                        data-cell={`${receiver} ${index}`}
                        // One stop of the tab key for the whole map; the arrow keys go on from there.
                        tabIndex={isActive ? 0 : -1}
                        aria-label={`${nameOf(provider)}, ${format.utcDay(day)}: ${t(`deliverability.day.${levelOf(cell)}`)}, ${shownPart(cell)}`}
                        onFocus={() => setChosen({ receiver, day: index })}
                        onClick={() => setChosen({ receiver, day: index })}
                        className={classNames(
                          "figures grid h-7 w-full min-w-7.5 place-items-center rounded-[0.3125rem] outline-offset-1",
                          looks[levelOf(cell)],
                        )}
                      >
                        {shownPart(cell)}
                      </button>
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <div className="grid min-h-16 content-center gap-2 border-line border-t px-4 py-2 text-table">
        <div aria-live="polite">
          {chosenDay === undefined || chosenProvider === undefined ? (
            <Legend />
          ) : (
            <DaySentence day={chosenDay} name={nameOf(chosenProvider)} cell={chosenCell} />
          )}
        </div>
        {chosenCell === undefined ? null : evidence?.(chosenCell.day, chosenCell.provider)}
      </div>
    </div>
  );
}

const keyOf = (provider: Provider, day: string) => `${provider ?? ""} ${day}`;
function levelOf(cell: Cell | undefined): DayLevel {
  if (cell === undefined) return "none";
  return dayLevel(cell, cell.senders > 1 ? cell.heldSenders : 0);
}

/** Whole messages of a hundred; rounded down, so that a hundred means all of them. */
function shownPart(cell: DayFigures | undefined): string {
  if (cell === undefined || cell.messages === 0) return "–";
  return String(Math.min(100, Math.floor((100 * cell.delivered) / cell.messages)));
}

// Read by shape as well as by colour: a frame, a filled field, a hatched one.
const looks: Record<DayLevel, string> = {
  good: "bg-good-soft text-ink-2",
  attention: "border border-attention bg-attention-soft font-semibold text-attention",
  trouble: "bg-trouble-fill font-semibold text-on-accent",
  few: "bg-[repeating-linear-gradient(135deg,var(--line-strong)_0_1px,transparent_1px_5px)] text-ink-2",
  none: "text-ink-3",
};

function neighbour(
  key: string,
  { receiver, day }: Place,
  size: { receivers: number; days: number },
): Place | null {
  const within = (at: number, count: number) => Math.max(0, Math.min(count - 1, at));
  switch (key) {
    case "ArrowLeft":
      return { receiver, day: within(day - 1, size.days) };
    case "ArrowRight":
      return { receiver, day: within(day + 1, size.days) };
    case "ArrowUp":
      return { receiver: within(receiver - 1, size.receivers), day };
    case "ArrowDown":
      return { receiver: within(receiver + 1, size.receivers), day };
    case "Home":
      return { receiver, day: 0 };
    case "End":
      return { receiver, day: size.days - 1 };
    default:
      return null;
  }
}

function DayHead({ day, isNamed }: { day: string; isNamed: boolean }) {
  const { format } = useWords();
  return (
    <span className="grid leading-tight">
      <span className="h-4 text-ink-2">{isNamed ? format.utcMonth(day) : null}</span>
      <span>{Number(day.slice(-2))}</span>
    </span>
  );
}

function Legend() {
  const { t } = useWords();
  return (
    <div className="grid gap-1.5 text-ink-3 text-meta">
      <ul className="flex flex-wrap gap-x-4 gap-y-1">
        {(["good", "attention", "trouble", "few"] as const).map((level) => (
          <li key={level} className="flex items-center gap-1.5">
            <span aria-hidden="true" className={classNames("h-4 w-6 rounded-[0.25rem]", looks[level])} />
            {t(`deliverability.day.${level}`)}
          </li>
        ))}
      </ul>
      <p>{t("deliverability.day.lead")}</p>
    </div>
  );
}

function DaySentence({ day, name, cell }: { day: string; name: string; cell: Cell | undefined }) {
  const { t, format } = useWords();
  const parts =
    cell === undefined
      ? [t("deliverability.day.nothing")]
      : [
          t("deliverability.day.messages", { count: cell.messages }),
          t("deliverability.day.delivered", { count: cell.delivered }),
          ...(cell.deferred > 0 ? [t("deliverability.day.deferred", { count: cell.deferred })] : []),
          ...(cell.refused > 0 ? [t("deliverability.day.refused", { count: cell.refused })] : []),
          ...(cell.slowed + cell.blocked > 0
            ? [t("deliverability.day.held", { count: cell.slowed + cell.blocked })]
            : []),
          ...(cell.senders > 1 && cell.heldSenders > 0
            ? [t("deliverability.day.held-senders", { count: cell.heldSenders, of: cell.senders })]
            : []),
        ];
  return (
    <p>
      <span className="font-medium">
        {name}, {format.utcDay(day)}
      </span>{" "}
      <span className="text-ink-2">{parts.join(", ")}.</span>
    </p>
  );
}
