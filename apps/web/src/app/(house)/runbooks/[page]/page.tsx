import { notFound } from "next/navigation";
import { Markdown } from "../../../../features/runbooks/markdown.tsx";
import { readRunbook } from "../../../../features/runbooks/read-runbook.ts";
import { RunbookScreen } from "../../../../features/runbooks/runbook-screen.tsx";
import { reasonWords } from "../../../../features/trace/story-words.ts";
import { Prepared } from "../../../../server/page.tsx";
import { readWords } from "../../../../server/words.ts";

type Params = Promise<{ page: string }>;

export async function generateMetadata({ params }: { params: Params }) {
  return { title: (await readRunbook((await params).page))?.title };
}

export default async function RunbookPage({ params }: { params: Params }) {
  const runbook = await readRunbook((await params).page);
  if (runbook === null) notFound();
  const { t } = await readWords();
  return (
    <Prepared asks={() => []}>
      <RunbookScreen title={runbook.title}>
        <Markdown text={runbook.text} titleOf={(anchor) => reasonWords(t, anchor)?.title ?? null} />
      </RunbookScreen>
    </Prepared>
  );
}
