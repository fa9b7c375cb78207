import { CircleAlert, CircleCheck, CircleHelp, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { classNames } from "./class-names.ts";

/** The only four states a thing is shown in; red is kept for what hurts mail now. */
export type Level = "good" | "attention" | "trouble" | "unknown";

const icons = {
  good: CircleCheck,
  attention: TriangleAlert,
  trouble: CircleAlert,
  unknown: CircleHelp,
} as const;
const inks = {
  good: "text-good",
  attention: "text-attention",
  trouble: "text-trouble",
  unknown: "text-ink-3",
} as const;
const softs = {
  good: "bg-good-soft text-good",
  attention: "bg-attention-soft text-attention",
  trouble: "bg-trouble-soft text-trouble",
  unknown: "bg-sunken text-ink-2",
} as const;

export function LevelIcon({ level, className }: { level: Level; className?: string }) {
  const Icon = icons[level];
  return <Icon aria-hidden="true" className={classNames("size-3.5 shrink-0", inks[level], className)} />;
}

/** State as icon, word and colour, in the line of the text around it. */
export function LevelWord({ level, children }: { level: Level; children: ReactNode }) {
  return (
    <span className="inline-flex items-center gap-1.5 whitespace-nowrap">
      <LevelIcon level={level} />
      <span>{children}</span>
    </span>
  );
}

/** The same for a whole sentence, which breaks into lines beside the icon. */
export function LevelSentence({ level, children }: { level: Level; children: ReactNode }) {
  return (
    <span className="flex gap-1.5">
      <span className="flex h-lh shrink-0 items-center">
        <LevelIcon level={level} />
      </span>
      <span className="min-w-0 [overflow-wrap:anywhere]">{children}</span>
    </span>
  );
}

/** State as a filled mark, for the head of a page. */
export function LevelBadge({ level, children }: { level: Level; children: ReactNode }) {
  const Icon = icons[level];
  return (
    <span
      className={classNames(
        "inline-flex h-6 items-center gap-1.5 whitespace-nowrap rounded-ui px-2 font-medium text-meta",
        softs[level],
      )}
    >
      <Icon aria-hidden="true" className="size-3.5 shrink-0" />
      {children}
    </span>
  );
}
