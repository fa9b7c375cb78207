import { MapPinOff } from "lucide-react";
import Link from "next/link";
import { Button } from "../components/button.tsx";
import { EmptyState } from "../components/empty-state.tsx";
import { titled } from "../server/page.tsx";
import { readWords } from "../server/words.ts";

export const generateMetadata = titled("problem.not-found-title");

export default async function NotFoundPage() {
  const { t } = await readWords();
  return (
    <main className="grid min-h-dvh place-items-center">
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
    </main>
  );
}
