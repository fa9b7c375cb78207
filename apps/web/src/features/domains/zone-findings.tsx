"use client";
import type { ZoneVerdict } from "@mailstead/core/dns";
import { LevelIcon } from "../../components/level.tsx";
import { Panel } from "../../components/panel.tsx";
import { useWords } from "../../components/words-provider.tsx";

/** What is wrong with the name servers of a domain's zones, each with who said what; nothing when all is well. */
export function ZoneFindings({ zones }: { zones: readonly ZoneVerdict[] }) {
  const { t } = useWords();
  return zones.map(({ zone, findings }) => (
    <Panel key={zone} title={t("domain.name-servers", { zone })} isFlush>
      {findings.map(({ kind, level, sentence, evidence }) => (
        <article
          key={`${kind} ${sentence}`}
          className="grid gap-1 border-line border-b px-4 py-3.5 last:border-b-0"
        >
          <p className="flex items-center gap-2 font-medium text-table">
            <LevelIcon level={level} className="size-4" />
            {sentence}
          </p>
          <ul className="grid gap-0.5">
            {evidence.map((line) => (
              <li key={line} className="font-mono text-ink-2 text-meta [overflow-wrap:anywhere]">
                {line}
              </li>
            ))}
          </ul>
        </article>
      ))}
    </Panel>
  ));
}
