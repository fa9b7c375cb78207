"use client";
import { Checkbox } from "../../components/checkbox.tsx";

/** Whether our records go too, with its words beside the box. */
export function WithdrawChoice({
  label,
  isChosen,
  onChange,
}: {
  label: string;
  isChosen: boolean;
  onChange: (isChosen: boolean) => void;
}) {
  return (
    <div className="flex items-start gap-2 text-ink">
      <span className="pt-0.5">
        <Checkbox label={label} isChecked={isChosen} onChange={() => onChange(!isChosen)} />
      </span>
      <button type="button" tabIndex={-1} className="text-left" onClick={() => onChange(!isChosen)}>
        {label}
      </button>
    </div>
  );
}
