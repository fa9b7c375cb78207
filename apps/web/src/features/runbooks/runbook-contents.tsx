export interface ContentsPart {
  readonly anchor: string;
  readonly heading: string;
}

/** The parts of a long runbook, each with the way to it. */
export function RunbookContents({ label, parts }: { label: string; parts: readonly ContentsPart[] }) {
  return (
    <nav aria-label={label} className="grid content-start gap-1.5 text-table">
      <p className="font-medium text-ink-3 text-meta">{label}</p>
      <ul className="grid gap-1">
        {parts.map(({ anchor, heading }) => (
          <li key={anchor} className="[overflow-wrap:anywhere]">
            <a href={`#${anchor}`} className="text-accent underline-offset-2 hover:underline">
              {heading}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}
