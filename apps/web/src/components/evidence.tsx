import { Folded, type FoldedProps } from "./folded.tsx";
import { MarkedText } from "./marked-text.tsx";

/** Who said what, a line each, shown on demand; nothing without any. */
export function Evidence({ lines, ...folded }: Omit<FoldedProps, "children"> & { lines: readonly string[] }) {
  if (lines.length === 0) return null;
  return (
    <Folded {...folded}>
      <ul className="grid gap-0.5 pt-1.5">
        {lines.map((line) => (
          <li key={line} className="font-mono text-ink-2 text-meta [overflow-wrap:anywhere]">
            <MarkedText text={line} />
          </li>
        ))}
      </ul>
    </Folded>
  );
}
