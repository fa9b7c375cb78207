"use client";
import type { CheckFinding, FindingSeverity } from "@mailstead/core/dns";
import { ChevronRight, Lightbulb } from "lucide-react";
import { CopyButton } from "../../components/copy-button.tsx";
import { LevelIcon } from "../../components/level.tsx";
import { useWords } from "../../components/words-provider.tsx";

/** One thing that the outside world sees: what, why it matters, what to do, and on demand who said what. */
export function CheckFindingItem({ finding }: { finding: CheckFinding }) {
  const { t } = useWords();
  const { severity, sentence, why, fix, record, evidence } = finding;
  return (
    <article className="grid gap-1.5 border-line border-b px-4 py-3.5 text-table last:border-b-0">
      <p className="flex items-start gap-2 font-medium">
        <SeverityIcon severity={severity} />
        <span className="min-w-0 [overflow-wrap:anywhere]">
          <span className="sr-only">{t(`check.severity.${severity}`)}: </span>
          {sentence}
        </span>
      </p>
      <p className="max-w-3xl pl-6 text-ink-2">{why}</p>
      <p className="max-w-3xl pl-6 text-ink-2">
        <span className="text-ink-3">{t("check.fix")}</span> {fix}
      </p>
      {record === undefined ? null : (
        <div className="ml-6 flex items-start gap-1 rounded-ui bg-sunken py-0.5 pr-0.5 pl-2.5">
          <code className="min-w-0 flex-1 whitespace-pre-wrap py-1 [overflow-wrap:anywhere]">{record}</code>
          <CopyButton text={record} what={t("check.the-record")} />
        </div>
      )}
      {evidence.length === 0 ? null : (
        <details className="group/evidence pl-6">
          <summary className="flex w-fit cursor-pointer list-none items-center gap-1 rounded-ui text-ink-3 text-meta hover:text-ink [&::-webkit-details-marker]:hidden">
            <ChevronRight
              aria-hidden="true"
              className="size-3 transition-transform group-open/evidence:rotate-90"
            />
            {t("check.evidence")}
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
    </article>
  );
}

function SeverityIcon({ severity }: { severity: FindingSeverity }) {
  if (severity === "instruction")
    return <Lightbulb aria-hidden="true" className="mt-0.5 size-4 shrink-0 text-ink-3" />;
  return <LevelIcon level={severity === "error" ? "trouble" : "attention"} className="mt-0.5 size-4" />;
}
