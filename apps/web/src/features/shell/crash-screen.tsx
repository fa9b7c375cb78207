"use client";
import { CircleAlert } from "lucide-react";
import { Button } from "../../components/button.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { useWords } from "../../components/words-provider.tsx";

/** Stands in for a page that broke; the digest finds the cause in the log of the control plane. */
export function CrashScreen({ digest, retry }: { digest: string | null; retry: () => void }) {
  const { t } = useWords();
  return (
    <EmptyState
      icon={CircleAlert}
      title={t("problem.title")}
      action={<Button onClick={retry}>{t("controls.try-again")}</Button>}
    >
      {t("problem.crash")}
      {digest === null ? null : (
        <span className="block pt-2 text-ink-3 text-meta">{t("problem.id", { id: digest })}</span>
      )}
    </EmptyState>
  );
}
