"use client";
import { Dialog } from "../../components/dialog.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { officePlaces, workPlaces } from "./navigation.ts";

/** Lists every key that does something. */
export function KeyboardHelp({
  isOpen,
  onOpenChange,
}: {
  isOpen: boolean;
  onOpenChange: (isOpen: boolean) => void;
}) {
  const { t } = useWords();
  const groups = [
    {
      title: t("keys.anywhere"),
      rows: [
        { keys: ["Ctrl", "K"], does: t("keys.palette") },
        { keys: ["/"], does: t("keys.search") },
        { keys: ["?"], does: t("keys.help") },
        { keys: ["Esc"], does: t("keys.close") },
      ],
    },
    {
      title: t("keys.tables"),
      rows: [
        { keys: ["↓", "j"], does: t("keys.next-row") },
        { keys: ["↑", "k"], does: t("keys.previous-row") },
        { keys: ["Enter"], does: t("keys.open-row") },
        { keys: ["Space"], does: t("keys.select-row") },
      ],
    },
    {
      title: t("keys.go"),
      rows: [...workPlaces, ...officePlaces].map((place) => ({
        keys: ["g", place.key],
        does: t(place.label),
      })),
    },
  ];
  return (
    <Dialog isOpen={isOpen} onOpenChange={onOpenChange} title={t("keys.title")} width="wide">
      <div className="grid gap-x-10 gap-y-6 sm:grid-cols-2">
        {groups.map((group) => (
          <section
            key={group.title}
            className="grid content-start gap-1 last:sm:col-start-2 last:sm:row-span-2 last:sm:row-start-1"
          >
            <h3 className="pb-1 font-medium text-ink-3 text-meta">{group.title}</h3>
            <dl className="grid gap-1">
              {group.rows.map((row) => (
                <div key={row.does} className="flex h-7 items-center justify-between gap-4 text-table">
                  <dt>{row.does}</dt>
                  <dd className="flex gap-1">
                    {row.keys.map((key) => (
                      <kbd
                        key={key}
                        className="min-w-6 rounded-[0.25rem] border border-line-strong bg-sunken px-1.5 text-center text-ink-2 text-meta"
                      >
                        {key}
                      </kbd>
                    ))}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
