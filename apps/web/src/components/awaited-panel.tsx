"use client";
import { Button } from "./button.tsx";
import { Panel } from "./panel.tsx";
import { ProblemNote } from "./problem-note.tsx";
import { RowsSkeleton } from "./skeleton.tsx";
import { useWords } from "./words-provider.tsx";

export interface AwaitedPanelProps {
  id?: string;
  title: string;
  query: { readonly error: unknown; readonly refetch: () => Promise<unknown> };
}

/** Stands where a panel will be while its answer is on its way, and says so with a way to try again when none came. */
export function AwaitedPanel({ id, title, query: { error, refetch } }: AwaitedPanelProps) {
  const { t } = useWords();
  return (
    <Panel title={title} isFlush {...(id === undefined ? {} : { id })}>
      {error === null ? (
        <RowsSkeleton rows={4} />
      ) : (
        <div className="grid justify-items-start gap-2 p-3">
          <ProblemNote error={error} />
          <Button size="small" onClick={() => void refetch()}>
            {t("controls.try-again")}
          </Button>
        </div>
      )}
    </Panel>
  );
}
