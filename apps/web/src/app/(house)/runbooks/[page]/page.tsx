import { notFound } from "next/navigation";
import { contentsOf, Markdown } from "../../../../features/runbooks/markdown.tsx";
import { readRunbook } from "../../../../features/runbooks/read-runbook.ts";
import { RunbookScreen } from "../../../../features/runbooks/runbook-screen.tsx";
import { reasonWords } from "../../../../features/trace/story-words.ts";
import { Prepared } from "../../../../server/page.tsx";
import { readWords } from "../../../../server/words.ts";

type Params = Promise<{ page: string }>;

export async function generateMetadata({ params }: { params: Params }) {
  const runbook = await readRunbook((await params).page);
  return { title: runbook?.title ?? (await readWords()).t("problem.not-found-title") };
}

export default async function RunbookPage({ params }: { params: Params }) {
  const runbook = await readRunbook((await params).page);
  if (runbook === null) notFound();
  const { t } = await readWords();
  const titleOf = (anchor: string) => reasonWords(t, anchor)?.title ?? null;
  return (
    <Prepared asks={() => []}>
      <RunbookScreen title={runbook.title} parts={contentsOf(runbook.text, titleOf)}>
        <Markdown text={runbook.text} titleOf={titleOf} />
      </RunbookScreen>
    </Prepared>
  );
}
