"use client";
import { Evidence } from "../../components/evidence.tsx";
import { LevelWord } from "../../components/level.tsx";
import { Panel } from "../../components/panel.tsx";
import { useWords } from "../../components/words-provider.tsx";
import type { Zone } from "./zone-screen.tsx";
import { stepLevels } from "./zone-standing.ts";

/** The way from a zone that is served to one that the world believes, each step with who said what. */
export function DelegationSteps({ steps }: { steps: Zone["steps"] }) {
  const { t } = useWords();
  if (steps.length === 0) return null;
  return (
    <Panel title={t("zone.steps")} isFlush>
      <ol>
        {steps.map(({ kind, state, sentence, evidence }) => (
          <li key={kind} className="grid gap-1 border-line border-b px-4 py-3 text-table last:border-b-0">
            <span className="flex items-baseline justify-between gap-x-4 gap-y-1 max-sm:grid">
              <span className="min-w-0 [overflow-wrap:anywhere]">{sentence}</span>
              <span className="shrink-0 font-medium">
                <LevelWord level={stepLevels[state]}>{t(`zone.step.${state}`)}</LevelWord>
              </span>
            </span>
            <Evidence label={t("domain.record.answers")} lines={evidence} isOpenAtFirst={state === "wrong"} />
          </li>
        ))}
      </ol>
    </Panel>
  );
}
