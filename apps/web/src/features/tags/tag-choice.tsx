"use client";
import { useQuery } from "@tanstack/react-query";
import { useTRPC } from "../../client/trpc.tsx";
import { ProblemNote } from "../../components/problem-note.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { TagButton } from "./tag-chip.tsx";

interface TagChoiceProps {
  label: string;
  chosen: readonly string[];
  onChange: (tags: readonly string[]) => void;
}

/** Tags to press, of those that there are; nothing where there are none and none was chosen. */
export function TagChoice({ label, chosen, onChange }: TagChoiceProps) {
  const { t } = useWords();
  const trpc = useTRPC();
  const tags = useQuery(trpc.tags.list.queryOptions());
  const known = tags.data ?? [];
  // What an address asks for is shown although no server has it any more.
  const names = [...new Set([...known.map(({ name }) => name), ...chosen])];
  return (
    <fieldset className="grid gap-1.5">
      <legend className="pb-1 font-medium text-table">{label}</legend>
      <ProblemNote error={tags.error} />
      {tags.data !== undefined && names.length === 0 ? (
        <p className="text-ink-3 text-meta">{t("tags.empty")}</p>
      ) : null}
      <div className="flex max-h-40 flex-wrap gap-1.5 overflow-y-auto p-px">
        {names.map((name) => (
          <TagButton
            key={name}
            name={name}
            label={t("tags.choose", { name })}
            isChosen={chosen.includes(name)}
            onPress={() =>
              onChange(chosen.includes(name) ? chosen.filter((one) => one !== name) : [...chosen, name])
            }
          />
        ))}
      </div>
    </fieldset>
  );
}
