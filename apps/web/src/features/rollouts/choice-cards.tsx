"use client";
import { useId } from "react";
import { classNames } from "../../components/class-names.ts";

interface ChoiceCardsProps<Value extends string> {
  label: string;
  value: Value;
  onChange: (value: Value) => void;
  options: readonly { value: Value; label: string; hint?: string }[];
}

/** One of a few, each with a line that says what it means. */
export function ChoiceCards<Value extends string>({
  label,
  value,
  onChange,
  options,
}: ChoiceCardsProps<Value>) {
  const name = useId();
  return (
    <fieldset className="grid gap-2">
      <legend className="pb-1.5 font-semibold text-body">{label}</legend>
      <div className="grid gap-2">
        {options.map((option) => (
          <label
            key={option.value}
            className={classNames(
              "flex cursor-pointer gap-2.5 rounded-ui border px-3 py-2 has-focus-visible:outline-2 has-focus-visible:outline-accent",
              option.value === value ? "border-accent bg-accent-soft" : "border-line-strong hover:bg-hover",
            )}
          >
            <input
              type="radio"
              name={name}
              checked={option.value === value}
              onChange={() => onChange(option.value)}
              className="mt-1 accent-(--accent-fill) outline-none"
            />
            <span className="grid min-w-0">
              <span className="font-medium text-table">{option.label}</span>
              {option.hint === undefined ? null : <span className="text-ink-2 text-meta">{option.hint}</span>}
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
