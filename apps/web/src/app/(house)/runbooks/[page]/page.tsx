import { notFound } from "next/navigation";
import { Markdown } from "../../../../features/runbooks/markdown.tsx";
import { readRunbook } from "../../../../features/runbooks/read-runbook.ts";
import { RunbookScreen } from "../../../../features/runbooks/runbook-screen.tsx";
import { Prepared } from "../../../../server/page.tsx";

type Params = Promise<{ page: string }>;

export async function generateMetadata({ params }: { params: Params }) {
  return { title: (await readRunbook((await params).page))?.title };
}

export default async function RunbookPage({ params }: { params: Params }) {
  const runbook = await readRunbook((await params).page);
  if (runbook === null) notFound();
  return (
    <Prepared asks={() => []}>
      <RunbookScreen title={runbook.title}>
        <Markdown text={runbook.text} />
      </RunbookScreen>
    </Prepared>
  );
}
