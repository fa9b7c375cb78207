"use client";
import type { StartableKind } from "@mailstead/core/measures";
import type { RouterOutputs } from "../../client/router-types.ts";
import { Panel } from "../../components/panel.tsx";
import { Ago } from "../../components/time.tsx";
import { useWords } from "../../components/words-provider.tsx";

type Event = RouterOutputs["findings"]["get"]["history"][number];

/** What became of a finding and what people did about it, the newest first. */
export function FindingHistory({ history }: { history: readonly Event[] }) {
  const { t } = useWords();
  return (
    <Panel title={t("finding.history")} isFlush>
      <ol>
        {history.map((event) => (
          <li
            key={`${event.what} ${event.about} ${event.at.getTime()}`}
            className="flex flex-wrap items-baseline justify-between gap-x-3 border-line border-b px-4 py-2 text-table last:border-b-0"
          >
            <Line event={event} />
            <span className="text-ink-3 text-meta">
              <Ago at={event.at} />
            </span>
          </li>
        ))}
      </ol>
    </Panel>
  );
}

function Line({ event: { what, who, about } }: { event: Event }) {
  const { t } = useWords();
  const name = who ?? "";
  switch (what) {
    case "measure-started":
    case "measure-ended":
      return (
        <span className="min-w-0 [overflow-wrap:anywhere]">
          {t(`finding.event.${what}`, { measure: t(`measures.kind.${about as StartableKind}`) })}
          {who === null ? null : <span className="text-ink-3"> · {who}</span>}
        </span>
      );
    case "told":
    case "not-told":
      return (
        <span className="min-w-0 [overflow-wrap:anywhere]">
          {t(`finding.event.${what}`, { channel: about ?? "" })}
        </span>
      );
    case "opened":
    case "opened-before":
    case "closed":
      return <span>{t(`finding.event.${what}`)}</span>;
    default:
      return <span className="min-w-0 [overflow-wrap:anywhere]">{t(`finding.event.${what}`, { name })}</span>;
  }
}
