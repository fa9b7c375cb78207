"use client";
import type { RouterOutputs } from "../../client/router-types.ts";
import { useWords } from "../../components/words-provider.tsx";

type Exclusion = NonNullable<RouterOutputs["maintenance"]["place"]["exclusion"]>;

/** Why a server is left out, until when, and who said so. */
export function useExclusionText(): (exclusion: Exclusion) => string {
  const { t, format } = useWords();
  return ({ endsAt, reason, madeBy }) =>
    endsAt === null
      ? t("maintenance.excluded", { reason, madeBy })
      : t("maintenance.excluded-until", { reason, madeBy, day: format.day(endsAt) });
}
