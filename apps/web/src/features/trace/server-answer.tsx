"use client";
import { useEffect, useState } from "react";
import type { RouterOutputs } from "../../client/router-types.ts";
import { Disclosure } from "../../components/disclosure.tsx";
import { LevelSentence, LevelWord } from "../../components/level.tsx";
import { Panel } from "../../components/panel.tsx";
import { Spinner } from "../../components/spinner.tsx";
import { Ago } from "../../components/time.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { MessageStory } from "./message-story.tsx";
import { outcomeLevels } from "./story-words.ts";

type Asked = RouterOutputs["trace"]["start"]["servers"][number];
type Answer = RouterOutputs["trace"]["answers"][number];
type Answered = Extract<Answer, { kind: "answered" }>;
export type ToldMessage = Answered["messages"][number];

/** What one server says of the message that is looked for. */
export function ServerAnswer({
  server,
  answer,
  onFollow,
}: {
  server: Asked;
  answer: Answer | undefined;
  onFollow: (queueId: string) => void;
}) {
  const { t, format } = useWords();
  const isAnswered = answer?.kind === "answered";
  return (
    <Panel
      title={server.serverName}
      actions={
        isAnswered ? (
          <span className="figures text-ink-3 text-meta">
            {t("trace.found", { count: answer.messages.length })},{" "}
            {t("trace.took", { time: format.duration(answer.tookMs) })}
          </span>
        ) : undefined
      }
      isFlush={isAnswered && answer.messages.length > 0}
    >
      {isAnswered ? (
        <Found answer={answer} onFollow={onFollow} />
      ) : (
        <Standing server={server} answer={answer} />
      )}
    </Panel>
  );
}

// After this long something is the matter, and silence would look like a broken page.
const slowAfterMs = 5000;

function Standing({
  server,
  answer,
}: {
  server: Asked;
  answer: Exclude<Answer, { kind: "answered" }> | undefined;
}) {
  const { t } = useWords();
  const [isSlow, setSlow] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setSlow(true), slowAfterMs);
    return () => clearTimeout(timer);
  }, []);
  if (server.jobId === null)
    return (
      <LevelSentence level="unknown">
        {server.lastSeenAt === null ? (
          t("trace.offline-never")
        ) : (
          <>
            {t("trace.offline")} ({t("trace.seen")} <Ago at={server.lastSeenAt} />)
          </>
        )}
      </LevelSentence>
    );
  if (answer?.kind === "failed")
    return (
      <LevelSentence level="trouble">
        {t("trace.failed")} {answer.problem}
      </LevelSentence>
    );
  if (answer?.kind === "gone") return <LevelSentence level="unknown">{t("trace.gone")}</LevelSentence>;
  return (
    <p className="flex items-center gap-2 text-ink-2 text-table">
      <Spinner />
      {t(isSlow ? "trace.slow" : "trace.asking")}
    </p>
  );
}

function Found({ answer, onFollow }: { answer: Answered; onFollow: (queueId: string) => void }) {
  const { t, format } = useWords();
  const { messages, indexBeginsAt, readUntilAt, hasMore } = answer;
  const exact = (at: number) => format.exact(new Date(at));
  // Read at each question, so anything older means that there was too much to read.
  const isBehind = readUntilAt !== null && Date.now() - readUntilAt > 3 * 60_000;
  const behind =
    isBehind && readUntilAt !== null ? (
      <LevelSentence level="attention">{t("trace.behind", { until: exact(readUntilAt) })}</LevelSentence>
    ) : null;
  if (messages.length === 0)
    return (
      <div className="grid gap-1 text-ink-2 text-table">
        <LevelSentence level="unknown">
          {indexBeginsAt === null ? t("trace.none-unread") : t("trace.none", { since: exact(indexBeginsAt) })}
        </LevelSentence>
        {behind}
      </div>
    );
  return (
    <>
      {messages.map((message, index) => (
        <Disclosure
          // biome-ignore lint/suspicious/noArrayIndexKey: an answer never changes, and a refusal has no id
          key={index}
          isOpenAtFirst={messages.length === 1}
          summary={<Summary message={message} />}
          note={
            <span className="figures shrink-0 text-ink-3 text-meta">
              <Ago at={new Date(message.beganAt)} />
            </span>
          }
        >
          <MessageStory message={message} onFollow={onFollow} />
        </Disclosure>
      ))}
      {hasMore || behind !== null ? (
        <div className="grid gap-1 border-line border-t px-4 py-2 text-ink-3 text-table">
          {hasMore ? <p>{t("trace.more")}</p> : null}
          {behind}
        </div>
      ) : null}
    </>
  );
}

function Summary({ message }: { message: ToldMessage }) {
  const { t } = useWords();
  const to = recipientsOf(message);
  const [first = ""] = to;
  return (
    <span className="flex flex-wrap items-center gap-x-4 gap-y-0.5 text-table">
      <span className="w-36">
        <LevelWord level={outcomeLevels[message.outcome]}>{t(`trace.outcome.${message.outcome}`)}</LevelWord>
      </span>
      <span className="min-w-0 font-mono">
        {message.from === null || message.from === "" ? t("trace.nobody") : message.from} → {first}
        {to.length > 1 ? ` ${t("trace.and-more", { count: to.length - 1 })}` : ""}
      </span>
    </span>
  );
}

function recipientsOf({ lines }: ToldMessage): readonly string[] {
  const named = lines.flatMap((line) => {
    if (line.kind === "expanded") return [line.alias];
    return "to" in line && typeof line.to === "string" && line.kind !== "notified" ? [line.to] : [];
  });
  return [...new Set(named)];
}
