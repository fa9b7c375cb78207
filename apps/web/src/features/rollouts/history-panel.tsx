"use client";
import { Panel } from "../../components/panel.tsx";
import { Ago } from "../../components/time.tsx";
import { useWords } from "../../components/words-provider.tsx";
import type { Rollout } from "./control-bar.tsx";

/** What happened to a rollout as a whole, the newest first. */
export function HistoryPanel({ events }: { events: Rollout["events"] }) {
  const { t } = useWords();
  return (
    <Panel title={t("rollout.history")} isFlush>
      <ol className="max-h-96 overflow-y-auto">
        {events.map(({ id, at, sentence, byName }) => (
          <li key={id} className="grid gap-0.5 border-line border-b px-4 py-2 last:border-b-0">
            <p className="text-table [overflow-wrap:anywhere]">{sentence}</p>
            <p className="text-ink-3 text-meta">
              {byName ?? t("rollout.by-itself")}, <Ago at={at} />
            </p>
          </li>
        ))}
      </ol>
    </Panel>
  );
}
