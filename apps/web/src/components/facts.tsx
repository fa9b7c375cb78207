import type { ReactNode } from "react";
import { classNames } from "./class-names.ts";

export interface Fact {
  term: string;
  detail: ReactNode;
}

/** Terms and what they are, in two columns that line up. */
export function Facts({ facts, className }: { facts: readonly Fact[]; className?: string }) {
  return (
    <dl
      className={classNames(
        "grid grid-cols-[minmax(6.5rem,auto)_minmax(0,1fr)] gap-x-6 gap-y-2 text-table",
        className,
      )}
    >
      {facts.map((fact) => (
        <div key={fact.term} className="contents">
          <dt className="text-ink-3">{fact.term}</dt>
          <dd className="figures min-w-0 text-ink [overflow-wrap:anywhere]">{fact.detail}</dd>
        </div>
      ))}
    </dl>
  );
}
