"use client";
import { type JobResult, jobCatalog } from "@mailstead/core/jobs";
import type { RouterOutputs } from "../../client/router-types.ts";
import { DiffView } from "../../components/diff-view.tsx";
import { Disclosure } from "../../components/disclosure.tsx";
import { Panel } from "../../components/panel.tsx";
import { useWords } from "../../components/words-provider.tsx";

type PreviewedStep = JobResult<"preview">["steps"][number];

/** What the host said it would do; null unless this job asked it and it has answered. */
export function previewedSteps({
  verb,
  outcome,
}: Pick<RouterOutputs["jobs"]["get"], "verb" | "outcome">): readonly PreviewedStep[] | null {
  if (verb !== "preview" || outcome?.kind !== "succeeded") return null;
  const result = jobCatalog.preview.result.safeParse(outcome.result);
  return result.success ? result.data.steps : null;
}

/** The steps that applying the target state would take, with what each would write. */
export function PreviewedSteps({ steps }: { steps: readonly PreviewedStep[] }) {
  const { t } = useWords();
  if (steps.length === 0) return null;
  return (
    <Panel title={t("job.previewed")} isFlush>
      {steps.map((step, index) =>
        step.diff === "" ? (
          // Steps have no name of their own, and a preview never changes once it is there.
          // biome-ignore lint/suspicious/noArrayIndexKey: see above
          <p key={index} className="border-line border-b px-4 py-2.5 last:border-b-0">
            {step.title}
          </p>
        ) : (
          // biome-ignore lint/suspicious/noArrayIndexKey: see above
          <Disclosure key={index} isOpenAtFirst={steps.length <= 3} summary={step.title}>
            <DiffView diff={step.diff} label={t("job.file-diff", { path: step.title })} />
          </Disclosure>
        ),
      )}
    </Panel>
  );
}
