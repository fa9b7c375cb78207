"use client";
import { CopyButton } from "../../components/copy-button.tsx";
import { Folded } from "../../components/folded.tsx";
import { LevelWord } from "../../components/level.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { type RecordWithVerdict, recordLevel, recordStanding } from "./record-standing.ts";

/** One record to publish: name and value whole, why, and what the authoritative servers answered. */
export function RecordCard({
  record,
  outdatedSince,
}: {
  record: RecordWithVerdict;
  /** When the last check was, if that is too long ago to say how things are now. */
  outdatedSince: Date | null;
}) {
  const { t, format } = useWords();
  const { verdict } = record;
  const isRight = verdict?.kind === "ok";
  const caution = isRight ? undefined : (verdict?.caution ?? record.caution);
  return (
    <article
      className="grid gap-2.5 border-line border-b px-4 py-3.5 last:border-b-0"
      aria-label={`${record.type} ${record.name}`}
    >
      <header className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1">
        <h4 className="flex min-w-0 items-center gap-2">
          <span className="rounded-[0.25rem] border border-line bg-sunken px-1.5 font-mono font-semibold text-ink text-meta">
            {record.type}
          </span>
          <span className="text-ink-3 text-meta">{t(`domain.purpose.${record.purpose}`)}</span>
        </h4>
        <span className="font-medium text-table">
          {outdatedSince !== null && verdict !== null ? (
            <LevelWord level="unknown">
              {t("domains.not-checked-since", { day: format.day(outdatedSince) })}
            </LevelWord>
          ) : (
            <LevelWord level={recordLevel(record)}>
              {t(`domain.record.state.${recordStanding(record)}`)}
            </LevelWord>
          )}
        </span>
      </header>
      <p className="max-w-3xl text-ink-2 text-table">
        {record.reason}
        {isRight ? null : (
          <>
            {" "}
            <span className="text-ink-3">
              {verdict?.effect ?? `${t("domain.record.without")} ${record.withoutIt}`}
            </span>
          </>
        )}
      </p>
      {caution === undefined ? null : (
        <p className="max-w-3xl rounded-ui bg-attention-soft px-3 py-2 text-table">{caution}</p>
      )}
      <dl className="grid gap-1.5">
        <Pasted term={t("domain.record.name")} text={record.name} what={t("domain.record.the-name")} />
        <Pasted
          term={t("domain.record.value")}
          text={verdict?.readyValue ?? record.value}
          what={t("domain.record.the-value")}
        />
      </dl>
      {verdict === null ? null : (
        <div className="grid gap-1 text-table">
          {isRight ? null : <p className="font-medium">{verdict.sentence}</p>}
          {verdict.answers.length === 0 ? null : (
            <Folded label={isRight ? verdict.sentence : t("domain.record.answers")} isOpenAtFirst={!isRight}>
              <ul className="grid gap-1 pt-1.5">
                {verdict.answers.map((answer) => (
                  <li
                    // One server may give an alias, and answer for its target as well.
                    key={`${answer.nameServer} ${answer.address} ${answer.kind === "alias" ? answer.target : ""}`}
                    className="grid gap-x-4 gap-y-0.5 text-meta sm:grid-cols-[14rem_minmax(0,1fr)]"
                  >
                    <span className="font-mono text-ink-3 [overflow-wrap:anywhere]">
                      {answer.nameServer} <span className="whitespace-nowrap">({answer.address})</span>
                    </span>
                    <span className="font-mono text-ink-2 [overflow-wrap:anywhere]">
                      {answer.kind === "failed" ? (
                        <span className="font-sans">{answer.problem}</span>
                      ) : answer.kind === "alias" ? (
                        <span className="font-sans">
                          {t("domain.record.answered-alias", { target: answer.target })}
                        </span>
                      ) : answer.values.length === 0 ? (
                        <span className="font-sans text-ink-3">{t("domain.record.answered-nothing")}</span>
                      ) : (
                        answer.values.map((value) => (
                          <span key={value} className="block">
                            {value}
                          </span>
                        ))
                      )}
                    </span>
                  </li>
                ))}
                {verdict.evidence?.map((line) => (
                  <li key={line} className="font-mono text-ink-2 text-meta [overflow-wrap:anywhere]">
                    {line}
                  </li>
                ))}
              </ul>
            </Folded>
          )}
        </div>
      )}
    </article>
  );
}

function Pasted({ term, text, what }: { term: string; text: string; what: string }) {
  return (
    <div className="grid items-start gap-x-3 sm:grid-cols-[3.5rem_minmax(0,1fr)]">
      <dt className="text-ink-3 text-meta sm:pt-1.5">{term}</dt>
      <dd className="flex items-start gap-1 rounded-ui bg-sunken py-0.5 pr-0.5 pl-2.5">
        <code className="min-w-0 flex-1 py-1 text-table [overflow-wrap:anywhere]">{text}</code>
        <CopyButton text={text} what={what} />
      </dd>
    </div>
  );
}
