"use client";
import { MapPinOff } from "lucide-react";
import Link from "next/link";
import { Button } from "./button.tsx";
import { EmptyState } from "./empty-state.tsx";
import { useWords } from "./words-provider.tsx";

/** Stands where there is nothing, with the way home. */
export function NotFoundState() {
  const { t } = useWords();
  return (
    <EmptyState
      isPage
      icon={MapPinOff}
      title={t("problem.not-found-title")}
      action={
        <Button asChild>
          <Link href="/">{t("problem.go-home")}</Link>
        </Button>
      }
    >
      {t("problem.not-found")}
    </EmptyState>
  );
}
