"use client";
import { CopyButton } from "../../components/copy-button.tsx";
import { type Fact, Facts } from "../../components/facts.tsx";
import { LevelIcon } from "../../components/level.tsx";
import { useWords } from "../../components/words-provider.tsx";
import type { ToldMessage } from "./server-answer.tsx";
import { storyWords } from "./story-words.ts";

/** The story of one message as a time line, with what it is known by. */
export function MessageStory({
  message,
  onFollow,
}: {
  message: ToldMessage;
  onFollow: (queueId: string) => void;
}) {
  const { t, format } = useWords();
  const begun = format.day(new Date(message.beganAt));
  return (
    <div className="grid gap-4 px-4 py-3.5">
      <ol aria-label={t("trace.story")} className="grid">
        {message.lines.map((line, index) => {
          const { sentence, level, reply, reason, queueId } = storyWords(t, format, line);
          const at = new Date(line.at);
          const day = format.day(at);
          return (
            <li
              // biome-ignore lint/suspicious/noArrayIndexKey: a story never changes its order
              key={index}
              className="relative grid grid-cols-[1rem_minmax(0,1fr)] gap-x-3 pb-3 last:pb-0 sm:grid-cols-[5.5rem_1rem_minmax(0,1fr)]"
            >
              <time
                dateTime={at.toISOString()}
                title={format.exact(at)}
                className="figures col-start-2 text-ink-3 text-meta leading-5 sm:col-start-1 sm:text-right"
              >
                {day === begun ? format.clock(at) : `${day} ${format.clock(at)}`}
              </time>
              <span className="col-start-1 row-start-1 grid h-5 place-items-center sm:col-start-2">
                <LevelIcon level={level} />
              </span>
              <div className="col-start-2 grid min-w-0 gap-0.5 text-table [overflow-wrap:anywhere] sm:col-start-3 sm:row-start-1">
                <p>{sentence}</p>
                {reason === null ? null : (
                  <p className="text-ink-2">
                    <span className="font-medium">{reason.title}.</span> {reason.fix}
                  </p>
                )}
                {reply === null ? null : <p className="font-mono text-ink-3 text-meta">{reply}</p>}
                {queueId === null ? null : (
                  <button
                    type="button"
                    onClick={() => onFollow(queueId)}
                    className="w-fit text-accent text-meta hover:underline"
                  >
                    {t("trace.follow", { queueId })}
                  </button>
                )}
              </div>
            </li>
          );
        })}
      </ol>
      {message.eventsLeftOut === 0 ? null : (
        <p className="text-ink-3 text-table">
          {t("trace.left-out-events", { count: message.eventsLeftOut })}
        </p>
      )}
      <Facts facts={factsOf()} className="border-line border-t pt-3" />
    </div>
  );

  function factsOf(): Fact[] {
    const known = (term: string, text: string | null): Fact[] =>
      text === null
        ? []
        : [
            {
              term,
              detail: (
                <span className="inline-flex max-w-full items-center gap-1">
                  <span className="min-w-0 font-mono text-meta">{text}</span>
                  <CopyButton text={text} what={term} />
                </span>
              ),
            },
          ];
    return [
      ...known(t("trace.message-id"), message.messageId === null ? null : `<${message.messageId}>`),
      ...known(t("trace.queue-id"), message.queueId),
      ...(message.sizeBytes === null
        ? []
        : [{ term: t("trace.size"), detail: format.bytes(message.sizeBytes) }]),
    ];
  }
}
