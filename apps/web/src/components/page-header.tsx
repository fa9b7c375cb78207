import Link from "next/link";
import type { ReactNode } from "react";

export interface PageHeaderProps {
  title: ReactNode;
  /** Where this page hangs: the page above it. */
  parent?: { href: string; label: string };
  badge?: ReactNode;
  description?: ReactNode;
  actions?: ReactNode;
}

/** Names the page and holds its one primary action. */
export function PageHeader({ title, parent, badge, description, actions }: PageHeaderProps) {
  return (
    <header className="flex min-h-13 flex-wrap items-start justify-between gap-x-6 gap-y-3 pb-5">
      <div className="grid min-w-0 gap-1">
        {parent === undefined ? null : (
          <Link href={parent.href} className="w-fit text-ink-3 text-table hover:text-ink hover:underline">
            {parent.label}
          </Link>
        )}
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <h1 className="font-semibold text-ink text-title tracking-[-0.012em] [overflow-wrap:anywhere]">
            {title}
          </h1>
          {badge}
        </div>
        {description === undefined ? null : (
          <p className="max-w-prose text-ink-2 text-table">{description}</p>
        )}
      </div>
      {actions === undefined ? null : (
        <div className="no-print flex flex-wrap items-center gap-2">{actions}</div>
      )}
    </header>
  );
}
