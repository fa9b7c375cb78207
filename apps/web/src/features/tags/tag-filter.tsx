"use client";
import { useQuery } from "@tanstack/react-query";
import { useTRPC } from "../../client/trpc.tsx";
import { FilterSelect } from "../../components/filter-bar.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { untagged } from "./tags-in-address.ts";

interface TagFilterProps {
  /** As the address has it. */
  value: string;
  onChange: (tags: string) => void;
}

/** Narrows a list to the servers with a tag, or to those without any. */
export function TagFilter({ value, onChange }: TagFilterProps) {
  const { t } = useWords();
  const trpc = useTRPC();
  const tags = useQuery(trpc.tags.list.queryOptions());
  const known = tags.data ?? [];
  const isListed = value === "" || value === untagged || known.some(({ name }) => name === value);
  if (known.length === 0 && value === "") return null;
  return (
    <FilterSelect
      label={t("tags.filter")}
      value={value}
      onChange={onChange}
      options={[
        { value: "", label: t("tags.filter.all") },
        ...known.map(({ name, servers }) => ({
          value: name,
          label: t("tags.filter.one", { name, count: servers }),
        })),
        { value: untagged, label: t("tags.filter.none") },
        ...(isListed ? [] : [{ value, label: value.replaceAll(",", " + ") }]),
      ]}
    />
  );
}
