import { ChevronRight } from "lucide-react";
import type { ReactNode } from "react";
import { classNames } from "./class-names.ts";

export interface FoldedProps {
  label: string;
  isOpenAtFirst?: boolean;
  className?: string;
  children: ReactNode;
}

/** Details under a line of text, shown on demand. */
export function Folded({ label, isOpenAtFirst = false, className, children }: FoldedProps) {
  return (
    <details className={classNames("group/folded", className)} open={isOpenAtFirst}>
      <summary className="flex w-fit cursor-pointer list-none items-center gap-1 rounded-ui text-ink-3 text-meta hover:text-ink [&::-webkit-details-marker]:hidden">
        <ChevronRight
          aria-hidden="true"
          className="size-3 transition-transform group-open/folded:rotate-90"
        />
        {label}
      </summary>
      {children}
    </details>
  );
}
