"use client";
import { Folded } from "../../components/folded.tsx";

/** Records in one line each, shown on demand. */
export function ValueList({
  label,
  values,
  isOpenAtFirst = false,
}: {
  label: string;
  values: readonly { name: string; type: string; value: string }[];
  isOpenAtFirst?: boolean;
}) {
  if (values.length === 0) return null;
  return (
    <Folded label={label} isOpenAtFirst={isOpenAtFirst}>
      <ul className="grid max-h-48 gap-0.5 overflow-y-auto pt-1.5">
        {values.map(({ name, type, value }) => (
          <li
            key={`${name} ${type} ${value}`}
            className="font-mono text-ink-2 text-meta [overflow-wrap:anywhere]"
          >
            {name} {type} {value}
          </li>
        ))}
      </ul>
    </Folded>
  );
}
