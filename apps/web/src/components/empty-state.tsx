import type { LucideIcon } from "lucide-react";
import type { ReactNode } from "react";

export interface EmptyStateProps {
  icon: LucideIcon;
  title: string;
  /** What this is and what will appear once the action is taken. */
  children: ReactNode;
  action?: ReactNode;
  /** True where it stands for a whole page, whose title it then is. */
  isPage?: boolean;
}

/** Teaches what a place is for while there is nothing in it. */
export function EmptyState({ icon: Icon, title, children, action, isPage = false }: EmptyStateProps) {
  const Heading = isPage ? "h1" : "h2";
  return (
    <div className="grid justify-items-center gap-3 px-6 py-14 text-center">
      <span className="grid size-10 place-items-center rounded-ui border border-line bg-sunken">
        <Icon aria-hidden="true" className="size-5 text-ink-3" />
      </span>
      <div className="grid max-w-md gap-1">
        <Heading className="font-semibold text-heading">{title}</Heading>
        <p className="text-balance text-ink-2 text-table">{children}</p>
      </div>
      {action === undefined ? null : <div className="pt-1">{action}</div>}
    </div>
  );
}
