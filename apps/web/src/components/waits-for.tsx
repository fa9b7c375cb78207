"use client";
import { useNow } from "./time.tsx";
import { useWords } from "./words-provider.tsx";

/** What something waits for, and when it goes on where that is known. */
export function WaitsFor({ what, until }: { what: string; until: Date | null }) {
  const { t, format } = useWords();
  const now = useNow();
  return (
    <p className="[overflow-wrap:anywhere]">
      {t("steps.waits-for", { what })}{" "}
      {until !== null && until > now ? (
        <span title={format.exact(until)} suppressHydrationWarning>
          {t("steps.until", { when: format.relative(until, now) })}
        </span>
      ) : null}
    </p>
  );
}
