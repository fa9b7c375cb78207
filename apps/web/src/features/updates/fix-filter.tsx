"use client";
import { FilterSelect } from "../../components/filter-bar.tsx";
import { useWords } from "../../components/words-provider.tsx";
import type { CveFilters } from "./update-filters.ts";

const fixes = ["waits", "out", "none"] as const;

/** Narrows a list of CVEs to those that can be mended now, or not yet. */
export function FixFilter({ value, onChange }: { value: CveFilters["fix"]; onChange(fix: string): void }) {
  const { t } = useWords();
  return (
    <FilterSelect
      label={t("cves.fix.label")}
      value={value ?? ""}
      onChange={onChange}
      options={[
        { value: "", label: t("cves.fix.all") },
        ...fixes.map((fix) => ({ value: fix, label: t(`cves.fix.${fix}`) })),
      ]}
    />
  );
}
