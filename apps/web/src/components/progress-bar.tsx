import { classNames } from "./class-names.ts";
import type { Level } from "./level.tsx";

const fills = {
  good: "bg-good",
  attention: "bg-attention",
  trouble: "bg-trouble-fill",
  unknown: "bg-ink-3",
  running: "bg-accent-fill",
} as const;

export interface ProgressBarProps {
  /** From 0 to 1; null while nothing can be measured, and the bar says so by moving. */
  share: number | null;
  label: string;
  look?: Level | "running";
}

export function ProgressBar({ share, label, look = "running" }: ProgressBarProps) {
  const percent = share === null ? null : Math.round(share * 100);
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      {...(percent === null ? {} : { "aria-valuenow": percent })}
      className="h-1.5 overflow-hidden rounded-full bg-line"
    >
      {percent === null ? (
        <div className="h-full w-1/4 animate-sweep rounded-full bg-accent-fill" />
      ) : (
        <div
          className={classNames("h-full rounded-full transition-[width] duration-500 ease-out", fills[look])}
          style={{ width: `${percent}%` }}
        />
      )}
    </div>
  );
}
