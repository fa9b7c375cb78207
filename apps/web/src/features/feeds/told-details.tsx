import type { RouterOutputs } from "../../client/router-types.ts";
import { type Fact, Facts } from "../../components/facts.tsx";
import { LevelSentence, LevelWord } from "../../components/level.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { requirementText } from "./requirement-text.ts";
import { shareText } from "./share-text.ts";

type Subject = RouterOutputs["feeds"]["domain"]["subjects"][number];
type Figures = Subject["days"][number]["figures"];

/** Everything that a provider told of the newest day, and how it sees that its rules are kept. */
export function ToldDetails({ subject, senderId }: { subject: Subject; senderId: string }) {
  const { t } = useWords();
  const newest = subject.days.at(-1);
  return (
    <div className="grid gap-4 px-4 py-4 text-table lg:grid-cols-2">
      <div className="grid content-start gap-3">
        {subject.problem === null ? null : <LevelSentence level="attention">{subject.problem}</LevelSentence>}
        {subject.blockedFor === null ? null : (
          <LevelSentence level="trouble">{t("feeds.blocked", { reason: subject.blockedFor })}</LevelSentence>
        )}
        {newest === undefined ? (
          <p className="text-ink-2">{t("feeds.told-nothing-yet")}</p>
        ) : (
          <FiguresOf figures={newest.figures} messages={newest.messages} senderId={senderId} />
        )}
      </div>
      {subject.compliance.length === 0 ? null : (
        <section className="grid content-start gap-1.5">
          <h3 className="font-medium text-ink-3 text-meta">{t("feeds.compliance")}</h3>
          <ul className="grid gap-1">
            {subject.compliance.map(({ requirement, isMet, reason }) => (
              <li key={requirement} className="flex flex-wrap items-baseline gap-x-2">
                <LevelWord level={isMet ? "good" : "attention"}>{requirementText(requirement)}</LevelWord>
                {isMet || reason === null ? null : (
                  <span className="font-mono text-ink-3 text-meta">{reason}</span>
                )}
              </li>
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}

function FiguresOf({
  figures,
  messages,
  senderId,
}: {
  figures: Figures;
  messages: number | null;
  senderId: string;
}) {
  const { t, format } = useWords();
  const share = (term: string, value: number | null): Fact[] =>
    value === null ? [] : [{ term, detail: shareText(value, format) }];
  const count = (term: string, value: number | null): Fact[] =>
    value === null ? [] : [{ term, detail: format.number(value) }];
  switch (figures.kind) {
    case "google-postmaster":
      return (
        <Facts
          facts={[
            ...share("SPF", figures.spf),
            ...share("DKIM", figures.dkim),
            ...share("DMARC", figures.dmarc),
            ...share(t("feeds.tls-in"), figures.tlsInbound),
            ...share(t("feeds.tls-out"), figures.tlsOutbound),
            ...figures.errors.flatMap(({ type, reason, share: part }) =>
              share(t(`feeds.error.${type}`, { reason: reason.replaceAll("_", " ") }), part),
            ),
            ...figures.loops.flatMap(({ id, share: part }) =>
              share(id === senderId ? t("feeds.loop-own") : t("feeds.loop", { id }), part),
            ),
          ]}
        />
      );
    case "snds":
      return (
        <Facts
          facts={[
            ...(figures.verdict === null
              ? []
              : [{ term: t("feeds.verdict"), detail: t(`feeds.verdict.${figures.verdict}`) }]),
            ...count(t("feeds.messages"), messages),
            ...count(t("feeds.traps"), figures.trapHits),
            ...(figures.comments === "" ? [] : [{ term: t("feeds.comments"), detail: figures.comments }]),
            ...Object.entries(figures.others).map(([term, detail]) => ({ term, detail })),
          ]}
        />
      );
    case "yahoo":
      return (
        <Facts
          facts={[
            ...count(t("feeds.messages"), messages),
            ...count(t("feeds.complaints"), figures.complaints),
          ]}
        />
      );
  }
}
