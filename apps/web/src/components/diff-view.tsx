"use client";
import { classNames } from "./class-names.ts";
import { parseUnifiedDiff } from "./unified-diff.ts";
import { useWords } from "./words-provider.tsx";

const looks = {
  added: "bg-good-soft text-ink",
  removed: "bg-trouble-soft text-ink",
  context: "text-ink-2",
  gap: "bg-sunken text-ink-3",
} as const;
const signs = { added: "+", removed: "−", context: " ", gap: "…" } as const;

/** A unified diff with the line numbers of both sides; words for readers, signs and colour for eyes. */
export function DiffView({ diff, label }: { diff: string; label: string }) {
  const { t } = useWords();
  const lines = parseUnifiedDiff(diff);
  if (lines.length === 0) return <p className="px-4 py-3 text-ink-3 text-table">{t("diff.empty")}</p>;
  return (
    <div className="max-h-[32rem] overflow-auto -outline-offset-2">
      <table aria-label={label} className="w-full border-collapse font-mono text-meta">
        <tbody>
          {lines.map((line) => (
            <tr key={line.position} className={looks[line.kind]}>
              <td className="w-10 select-none border-line border-r px-2 text-right text-ink-3">
                {line.oldNumber ?? ""}
              </td>
              <td className="w-10 select-none border-line border-r px-2 text-right text-ink-3">
                {line.newNumber ?? ""}
              </td>
              <td
                className={classNames(
                  "w-6 select-none px-2",
                  line.kind === "added" && "text-good",
                  line.kind === "removed" && "text-trouble",
                )}
              >
                <span aria-hidden="true">{signs[line.kind]}</span>
                <span className="sr-only">
                  {line.kind === "added" ? t("diff.added") : line.kind === "removed" ? t("diff.removed") : ""}
                </span>
              </td>
              <td className="whitespace-pre pr-4">{line.text}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
