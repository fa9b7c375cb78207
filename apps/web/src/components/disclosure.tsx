import { ChevronRight } from "lucide-react";
import type { ReactNode } from "react";

export interface DisclosureProps {
  summary: ReactNode;
  /** Stands at the right end of the line, like a count. */
  note?: ReactNode;
  isOpenAtFirst?: boolean;
  children: ReactNode;
}

/** A line that opens to show more; the browser's own element, so that find-in-page and readers know it. */
export function Disclosure({ summary, note, isOpenAtFirst = false, children }: DisclosureProps) {
  return (
    <details open={isOpenAtFirst} className="group/open border-line border-b last:border-b-0">
      <summary className="flex min-h-10 cursor-pointer list-none items-center gap-2 px-4 py-1.5 -outline-offset-2 hover:bg-hover [&::-webkit-details-marker]:hidden">
        <ChevronRight
          aria-hidden="true"
          className="size-3.5 shrink-0 text-ink-3 transition-transform group-open/open:rotate-90"
        />
        <span className="min-w-0 flex-1 [overflow-wrap:anywhere]">{summary}</span>
        {note}
      </summary>
      <div className="border-line border-t">{children}</div>
    </details>
  );
}
