"use client";
import type { CheckFinding, FindingSeverity } from "@mailstead/core/dns";
import { Lightbulb } from "lucide-react";
import type { ReactNode } from "react";
import { CopyButton } from "../../components/copy-button.tsx";
import { Evidence } from "../../components/evidence.tsx";
import { LevelIcon } from "../../components/level.tsx";
import { useWords } from "../../components/words-provider.tsx";

/**
 * One thing that the outside world sees, or that a host tells: what, why it matters, what to do, where `action` is the way
 * to do it from here, and on demand who said what.
 */
export function CheckFindingItem({ finding, action }: { finding: CheckFinding; action?: ReactNode }) {
  const { t } = useWords();
  const { severity, sentence, why, fix, record, evidence } = finding;
  return (
    <article className="grid gap-1.5 border-line border-b px-4 py-3.5 text-table last:border-b-0">
      <div className="flex flex-wrap items-start gap-x-4 gap-y-2">
        <p className="flex min-w-0 flex-[1_1_20rem] items-start gap-2 font-medium">
          <SeverityIcon severity={severity} />
          <span className="min-w-0 [overflow-wrap:anywhere]">
            <span className="sr-only">{t(`check.severity.${severity}`)}: </span>
            {sentence}
          </span>
        </p>
        {action === undefined ? null : <div className="empty:hidden max-sm:pl-6">{action}</div>}
      </div>
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
      <Evidence label={t("check.evidence")} lines={evidence} className="pl-6" />
    </article>
  );
}

function SeverityIcon({ severity }: { severity: FindingSeverity }) {
  if (severity === "instruction")
    return <Lightbulb aria-hidden="true" className="mt-0.5 size-4 shrink-0 text-ink-3" />;
  return <LevelIcon level={severity === "error" ? "trouble" : "attention"} className="mt-0.5 size-4" />;
}
