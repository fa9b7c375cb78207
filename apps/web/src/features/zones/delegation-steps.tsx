"use client";
import { ChevronRight } from "lucide-react";
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
            <span className="flex flex-wrap items-baseline justify-between gap-x-4 gap-y-1">
              <span className="min-w-0 [overflow-wrap:anywhere]">{sentence}</span>
              <span className="font-medium">
                <LevelWord level={stepLevels[state]}>{t(`zone.step.${state}`)}</LevelWord>
              </span>
            </span>
            {evidence.length === 0 ? null : (
              <details className="group/evidence" open={state === "wrong"}>
                <summary className="flex w-fit cursor-pointer list-none items-center gap-1 rounded-ui text-ink-3 text-meta hover:text-ink [&::-webkit-details-marker]:hidden">
                  <ChevronRight
                    aria-hidden="true"
                    className="size-3 transition-transform group-open/evidence:rotate-90"
                  />
                  {t("domain.record.answers")}
                </summary>
                <ul className="grid gap-0.5 pt-1.5">
                  {evidence.map((line) => (
                    <li key={line} className="font-mono text-ink-2 text-meta [overflow-wrap:anywhere]">
                      {line}
                    </li>
                  ))}
                </ul>
              </details>
            )}
          </li>
        ))}
      </ol>
    </Panel>
  );
}
