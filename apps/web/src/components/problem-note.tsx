"use client";
import { CircleAlert } from "lucide-react";
import { readProblem } from "../client/problem.ts";
import { useWords } from "./words-provider.tsx";

/** What went wrong with an action: what, what to do, and the id to quote. Renders nothing without an error. */
export function ProblemNote({ error }: { error: unknown }) {
  const { t } = useWords();
  if (error === null || error === undefined) return null;
  const problem = readProblem(error);
  return (
    <div role="alert" className="flex gap-2 rounded-ui bg-trouble-soft px-3 py-2 text-table text-trouble">
      <CircleAlert aria-hidden="true" className="mt-0.5 size-4 shrink-0" />
      <div className="grid min-w-0 gap-0.5 [overflow-wrap:anywhere]">
        <p>{problem.kind === "lost-line" ? t("problem.lost-line") : problem.sentence}</p>
        {problem.requestId === null ? null : (
          <p className="text-meta">{t("problem.id", { id: problem.requestId })}</p>
        )}
      </div>
    </div>
  );
}
