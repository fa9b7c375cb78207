import { Ago } from "../../components/time.tsx";
import { useWords } from "../../components/words-provider.tsx";

/** When figures of a large fleet were added up; nothing where they are of this moment. */
export function AddedUpNote({ at }: { at: Date | null }) {
  const { t } = useWords();
  if (at === null) return null;
  return (
    <p className="text-ink-3 text-meta">
      {t("course.added-up")} <Ago at={at} />
    </p>
  );
}
