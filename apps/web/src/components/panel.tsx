import type { ReactNode } from "react";
import { classNames } from "./class-names.ts";

export interface PanelProps {
  title?: ReactNode;
  description?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
  /** Content touches the edges, for tables and lists. */
  isFlush?: boolean;
  className?: string;
  id?: string;
}

/** A titled block of a page, set off by a hairline. */
export function Panel({ title, description, actions, children, isFlush = false, className, id }: PanelProps) {
  return (
    <section
      id={id}
      className={classNames("min-w-0 scroll-mt-16 rounded-ui border border-line bg-surface", className)}
    >
      {title === undefined && actions === undefined ? null : (
        <header className="flex min-h-12 flex-wrap items-center justify-between gap-x-4 gap-y-2 border-line border-b px-4 py-2">
          <div className="grid min-w-0 flex-1 basis-64 gap-0.5">
            <h2 className="font-semibold text-body">{title}</h2>
            {description === undefined ? null : <p className="text-ink-3 text-meta">{description}</p>}
          </div>
          {actions === undefined ? null : <div className="flex flex-wrap items-center gap-2">{actions}</div>}
        </header>
      )}
      <div className={isFlush ? "min-w-0" : "px-4 py-3.5"}>{children}</div>
    </section>
  );
}
