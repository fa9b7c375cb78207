"use client";
import { CircleAlert } from "lucide-react";
import { readProblem } from "../client/problem.ts";
import { Button } from "./button.tsx";
import { EmptyState } from "./empty-state.tsx";
import { NotFoundState } from "./not-found-state.tsx";
import { useWords } from "./words-provider.tsx";

/** Stands where a page would stand that could not be loaded: what, what to do, and the id to quote. */
export function ProblemScreen({ error, retry }: { error: unknown; retry: () => void }) {
  const { t } = useWords();
  const problem = readProblem(error);
  if (problem.kind === "not-found" || problem.kind === "invalid") return <NotFoundState />;
  return (
    <EmptyState
      isPage
      icon={CircleAlert}
      title={t("problem.title")}
      action={<Button onClick={retry}>{t("controls.try-again")}</Button>}
    >
      {problem.kind === "lost-line" ? t("problem.lost-line") : problem.sentence}
      {problem.requestId === null ? null : (
        <span className="block pt-2 text-ink-3 text-meta">{t("problem.id", { id: problem.requestId })}</span>
      )}
    </EmptyState>
  );
}
