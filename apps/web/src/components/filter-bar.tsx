"use client";
import { Search, X } from "lucide-react";
import { type ReactNode, useEffect, useState } from "react";
import { useDelayed } from "../client/use-delayed.ts";
import { IconButton } from "./button.tsx";
import { classNames } from "./class-names.ts";
import { controlLook } from "./field.tsx";
import { useWords } from "./words-provider.tsx";

/** The row above a table: a search that follows typing, then its filters. */
export function FilterBar({ children }: { children: ReactNode }) {
  return (
    <div className="no-print flex flex-wrap items-center gap-2 border-line border-b px-3 py-2.5">
      {children}
    </div>
  );
}

export interface SearchBoxProps {
  label: string;
  value: string;
  onChange: (text: string) => void;
}

export function SearchBox({ label, value, onChange }: SearchBoxProps) {
  const { t } = useWords();
  const [typed, setTyped] = useState(value);
  const settled = useDelayed(typed);
  // biome-ignore lint/correctness/useExhaustiveDependencies: only what was typed is reported, not each new callback
  useEffect(() => {
    if (settled !== value) onChange(settled);
  }, [settled]);
  useEffect(() => setTyped(value), [value]);
  return (
    <div className="relative min-w-0 flex-1 basis-full sm:max-w-72 sm:basis-52">
      <Search aria-hidden="true" className="pointer-events-none absolute top-2 left-2.5 size-4 text-ink-3" />
      <input
        type="search"
        aria-label={label}
        placeholder={label}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
        className={classNames(
          controlLook,
          "h-8 pr-8 pl-8 text-table [&::-webkit-search-cancel-button]:hidden",
        )}
      />
      {typed === "" ? null : (
        <IconButton
          label={t("controls.clear")}
          size="small"
          onClick={() => setTyped("")}
          className="absolute top-0.5 right-0.5"
        >
          <X aria-hidden="true" className="size-3.5" />
        </IconButton>
      )}
    </div>
  );
}

export interface FilterSelectProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  /** The first option is the one that filters nothing. */
  options: readonly { value: string; label: string }[];
}

export function FilterSelect({ label, value, onChange, options }: FilterSelectProps) {
  return (
    <select
      aria-label={label}
      value={value}
      onChange={(event) => onChange(event.target.value)}
      className={classNames(
        controlLook,
        "select-arrow h-8 w-auto! max-w-48 max-sm:min-w-34 max-sm:flex-1 appearance-none truncate px-2.5 pr-7 text-table",
        value !== "" && "border-accent text-accent",
      )}
    >
      {options.map((option) => (
        <option key={option.value} value={option.value}>
          {option.label}
        </option>
      ))}
    </select>
  );
}
