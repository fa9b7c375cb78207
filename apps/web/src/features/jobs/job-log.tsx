"use client";
import { type UIEvent, useEffect, useRef, useState } from "react";
import { Button } from "../../components/button.tsx";
import { classNames } from "../../components/class-names.ts";
import { CopyButton } from "../../components/copy-button.tsx";
import { Panel } from "../../components/panel.tsx";
import { useWords } from "../../components/words-provider.tsx";
import type { StoryLine } from "./job-story.ts";

const looks = { info: "text-ink-2", warning: "text-attention", error: "text-trouble" } as const;
const nearEndPx = 24;

/** The lines of a job, numbered as the agent numbered them. It follows the end until the reader scrolls away. */
export function JobLog({ lines, isRunning }: { lines: readonly StoryLine[]; isRunning: boolean }) {
  const { t, format } = useWords();
  const box = useRef<HTMLDivElement>(null);
  const [isFollowing, setFollowing] = useState(true);
  // biome-ignore lint/correctness/useExhaustiveDependencies: it scrolls when lines arrive
  useEffect(() => {
    if (isFollowing && box.current !== null) box.current.scrollTop = box.current.scrollHeight;
  }, [lines.length, isFollowing]);
  const onScroll = (event: UIEvent<HTMLDivElement>) => {
    const { scrollTop, clientHeight, scrollHeight } = event.currentTarget;
    setFollowing(scrollHeight - scrollTop - clientHeight < nearEndPx);
  };
  const text = lines.map((line) => `${line.at.toISOString()} ${line.level} ${line.text}`).join("\n");
  return (
    <Panel
      title={t("job.log")}
      isFlush
      actions={
        <>
          {isFollowing || !isRunning ? null : (
            <Button size="small" onClick={() => setFollowing(true)}>
              {t("job.log.follow")}
            </Button>
          )}
          <CopyButton text={text} what={t("job.the-log")} hasWord />
        </>
      }
    >
      <div
        ref={box}
        onScroll={onScroll}
        role="log"
        aria-label={t("job.log")}
        aria-busy={isRunning}
        className="max-h-[28rem] min-h-14 overflow-auto bg-sunken py-2 font-mono text-meta"
      >
        {lines.length === 0 ? (
          <p className="px-4 py-1 font-sans text-ink-3">
            {isRunning ? t("job.log.empty") : t("job.log.none")}
          </p>
        ) : null}
        {lines.map((line) => (
          <div key={line.number} data-number={line.number} className="flex gap-3 px-4 hover:bg-hover">
            <span className="shrink-0 select-none text-ink-3" suppressHydrationWarning>
              {format.clock(line.at)}
            </span>
            <span
              className={classNames(
                "min-w-0 whitespace-pre-wrap [overflow-wrap:anywhere]",
                looks[line.level],
              )}
            >
              {line.text}
            </span>
          </div>
        ))}
      </div>
    </Panel>
  );
}
