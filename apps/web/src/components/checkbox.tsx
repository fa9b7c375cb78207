"use client";
import { Check, Minus } from "lucide-react";
import { Checkbox as RadixCheckbox } from "radix-ui";

export interface CheckboxProps {
  label: string;
  isChecked: boolean | "indeterminate";
  onChange: () => void;
}

/** A checkbox whose words are for readers only, as in the first column of a table. */
export function Checkbox({ label, isChecked, onChange }: CheckboxProps) {
  return (
    <RadixCheckbox.Root
      aria-label={label}
      checked={isChecked}
      onCheckedChange={onChange}
      className="relative grid size-4 place-items-center rounded-[0.25rem] border border-control bg-surface before:absolute before:-inset-1 hover:border-ink-2 data-[state=checked]:border-accent-fill data-[state=indeterminate]:border-accent-fill data-[state=checked]:bg-accent-fill data-[state=indeterminate]:bg-accent-fill"
    >
      <RadixCheckbox.Indicator className="text-on-accent">
        {isChecked === "indeterminate" ? (
          <Minus aria-hidden="true" className="size-3" strokeWidth={3} />
        ) : (
          <Check aria-hidden="true" className="size-3" strokeWidth={3} />
        )}
      </RadixCheckbox.Indicator>
    </RadixCheckbox.Root>
  );
}
