import { type RunbookShelf, runbookShelf } from "@mailstead/core/finding-kinds";
import { readRunbook } from "../../../features/runbooks/read-runbook.ts";
import { RunbooksScreen } from "../../../features/runbooks/runbooks-screen.tsx";
import { Prepared, titled } from "../../../server/page.tsx";

export const generateMetadata = titled("runbooks.title");

export default async function RunbooksPage() {
  const shelves = await Promise.all(
    (Object.keys(runbookShelf) as RunbookShelf[]).map(async (shelf) => ({
      shelf,
      pages: await Promise.all(
        runbookShelf[shelf].map(async (page) => ({ page, title: (await readRunbook(page))?.title ?? page })),
      ),
    })),
  );
  return (
    <Prepared asks={() => []}>
      <RunbooksScreen shelves={shelves} />
    </Prepared>
  );
}
