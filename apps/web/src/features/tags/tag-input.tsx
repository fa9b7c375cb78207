"use client";
import { splitTags } from "@mailstead/core/tags";
import { useQuery } from "@tanstack/react-query";
import { useTRPC } from "../../client/trpc.tsx";
import { Field, Input } from "../../components/field.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { TagButton } from "./tag-chip.tsx";

/** More than one looks through without typing. */
const offeredMax = 24;

interface TagInputProps {
  label: string;
  hint?: string;
  typed: string;
  onChange: (typed: string) => void;
  /** Only these are offered; without them all tags that there are. */
  offered?: readonly string[];
}

/** Tags to write, with those that there are to press. */
export function TagInput({ label, hint, typed, onChange, offered }: TagInputProps) {
  const { t } = useWords();
  const trpc = useTRPC();
  const tags = useQuery(trpc.tags.list.queryOptions());
  const chosen = splitTags(typed);
  const known = offered ?? (tags.data ?? []).map(({ name }) => name);
  const toggle = (name: string) =>
    onChange((chosen.includes(name) ? chosen.filter((one) => one !== name) : [...chosen, name]).join(", "));
  return (
    <div className="grid gap-2">
      <Field label={label} hint={hint ?? t("tags.hint")}>
        <Input
          value={typed}
          onChange={(event) => onChange(event.target.value)}
          autoCapitalize="none"
          autoComplete="off"
          spellCheck={false}
        />
      </Field>
      {known.length === 0 ? null : (
        <div className="flex max-h-32 flex-wrap gap-1.5 overflow-y-auto p-px">
          {known.slice(0, offeredMax).map((name) => (
            <TagButton
              key={name}
              name={name}
              label={t("tags.choose", { name })}
              isChosen={chosen.includes(name)}
              onPress={() => toggle(name)}
            />
          ))}
        </div>
      )}
    </div>
  );
}
