import type { ReactNode } from "react";
import { classNames } from "../../components/class-names.ts";

const look =
  "inline-flex h-5 max-w-40 items-center gap-1 rounded-full border px-2 text-meta leading-none whitespace-nowrap";

/** A tag as it stands beside what bears it. */
export function TagChip({ children }: { children: ReactNode }) {
  return (
    <span className={classNames(look, "border-line-strong bg-sunken text-ink-2")}>
      <span className="truncate">{children}</span>
    </span>
  );
}

interface TagButtonProps {
  name: string;
  /** What a press does, for readers. */
  label: string;
  isChosen?: boolean;
  onPress: () => void;
  /** In a row of a table, where Tab stops at the row alone. */
  isInRow?: boolean;
}

/** A tag that is pressed. */
export function TagButton({ name, label, isChosen, onPress, isInRow = false }: TagButtonProps) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      aria-pressed={isChosen}
      tabIndex={isInRow ? -1 : undefined}
      onClick={onPress}
      className={classNames(
        look,
        isChosen
          ? "border-accent bg-accent-soft text-accent"
          : "border-line-strong bg-sunken text-ink-2 hover:border-ink-3 hover:text-ink",
      )}
    >
      <span className="truncate">{name}</span>
    </button>
  );
}
