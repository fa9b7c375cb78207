import { type Fact, Facts } from "../../components/facts.tsx";
import { Ago } from "../../components/time.tsx";
import { useWords } from "../../components/words-provider.tsx";
import type { Entry } from "./block-lists-panel.tsx";

/** What a list said of one address or name, and what to do. */
export function ListEntryDetails({ entry }: { entry: Entry }) {
  const { t } = useWords();
  const { state, codes, meanings, text, problem, seenAt, steps, removalUrl } = entry;
  const facts: Fact[] = [
    ...(state === "listed"
      ? [{ term: t("block-lists.listed-as"), detail: `${codes.join(", ")} (${meanings.join("; ")})` }]
      : []),
    ...(text === null || text === "" ? [] : [{ term: t("block-lists.says"), detail: text }]),
    ...(problem === null
      ? []
      : [{ term: t("block-lists.problem"), detail: `${problem}. ${t("block-lists.kept")}` }]),
    {
      term: t("block-lists.seen"),
      detail: seenAt === null ? t("block-lists.never-seen") : <Ago at={seenAt} />,
    },
    {
      term: t("block-lists.removal"),
      detail: (
        <a href={removalUrl} target="_blank" rel="noreferrer" className="underline [overflow-wrap:anywhere]">
          {removalUrl}
        </a>
      ),
    },
  ];
  return (
    <div className="grid gap-4 px-4 py-4">
      <Facts facts={facts} />
      {steps.length === 0 ? null : (
        <section className="grid gap-1.5">
          <h3 className="font-medium text-ink-3 text-meta">{t("block-lists.steps")}</h3>
          <ol className="grid list-decimal gap-1 pl-5">
            {steps.map((step) => (
              <li key={step}>{step}</li>
            ))}
          </ol>
        </section>
      )}
    </div>
  );
}
