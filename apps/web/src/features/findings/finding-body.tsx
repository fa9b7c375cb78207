"use client";
import Link from "next/link";
import type { RouterOutputs } from "../../client/router-types.ts";
import { CopyBlock } from "../../components/copy-block.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { FittingMeasure } from "./fitting-measure.tsx";
import { fixPageHref } from "./fix-page-href.ts";

type Finding = RouterOutputs["findings"]["get"];
type Details = NonNullable<Finding["details"]>;

/** What a finding means, what to do in numbered words, and on what it rests. */
export function FindingBody({ finding, details }: { finding: Finding; details: Details }) {
  const { t } = useWords();
  const { why, fix, evidence, reply } = details;
  const page = fixPageHref(finding);
  return (
    <div className="grid gap-4 px-4 py-3.5 text-table">
      <section className="grid gap-1">
        <h2 className="font-medium text-ink-3 text-meta">{t("finding.why")}</h2>
        <p className="max-w-3xl">{why}</p>
      </section>
      <section className="grid gap-1">
        <h2 className="font-medium text-ink-3 text-meta">{t("finding.steps")}</h2>
        <ol className="grid max-w-3xl list-decimal gap-1 pl-5">
          {fix.steps.map((step) => (
            <li key={step}>{step}</li>
          ))}
        </ol>
      </section>
      {page === null ? null : (
        <Link href={page} className="justify-self-start text-accent hover:underline">
          {t(`finding.page.${finding.page}`)}
        </Link>
      )}
      {fix.measure === null ? null : <FittingMeasure finding={finding} measure={fix.measure} />}
      {reply === null ? null : (
        <section className="grid gap-1">
          <h2 className="font-medium text-ink-3 text-meta">{t("finding.reply")}</h2>
          <CopyBlock text={reply} what={t("finding.the-reply")} />
        </section>
      )}
      <section className="grid gap-1">
        <h2 className="font-medium text-ink-3 text-meta">{t("finding.evidence")}</h2>
        <ul className="grid gap-0.5">
          {evidence.map((line) => (
            <li key={line} className="figures text-ink-2 [overflow-wrap:anywhere]">
              {line}
            </li>
          ))}
        </ul>
      </section>
    </div>
  );
}
