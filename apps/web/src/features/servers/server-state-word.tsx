"use client";
import { levelOfStatus, type ServerLevel, type ServerStatus } from "@mailstead/core/servers";
import { CircleDashed } from "lucide-react";
import { LevelBadge, LevelIcon, LevelWord } from "../../components/level.tsx";
import { Spinner } from "../../components/spinner.tsx";
import { useWords } from "../../components/words-provider.tsx";

interface Judged {
  status: ServerStatus;
  level: ServerLevel;
}

function isWork(status: ServerStatus): boolean {
  return status === "installing" || status === "changing";
}

/** The mark of a state: work that goes on is neither good nor bad, and a host that waits for us is no riddle. */
export function ServerStateIcon({ status, className = "" }: { status: ServerStatus; className?: string }) {
  if (isWork(status))
    return (
      <span className={`grid size-3.5 shrink-0 place-items-center text-accent ${className}`}>
        <Spinner />
      </span>
    );
  if (status === "not-installed")
    return <CircleDashed aria-hidden="true" className={`size-3.5 shrink-0 text-accent ${className}`} />;
  return <LevelIcon level={levelOfStatus[status]} className={className} />;
}

/** The state of a server as icon, word and colour. */
export function ServerStateWord({ server: { status, level } }: { server: Judged }) {
  const { t } = useWords();
  if (levelOfStatus[status] !== "unknown" && !isWork(status))
    return <LevelWord level={level}>{t(`status.${status}`)}</LevelWord>;
  return (
    <span className="inline-flex items-center gap-1.5 whitespace-nowrap">
      <ServerStateIcon status={status} />
      <span>{t(`status.${status}`)}</span>
    </span>
  );
}

/** The same as a filled mark, for the head of a page. */
export function ServerStateBadge({ server: { status, level } }: { server: Judged }) {
  const { t } = useWords();
  if (!isWork(status) && status !== "not-installed")
    return <LevelBadge level={level}>{t(`status.${status}`)}</LevelBadge>;
  return (
    <span className="inline-flex h-6 items-center gap-1.5 whitespace-nowrap rounded-ui bg-accent-soft px-2 font-medium text-accent text-meta">
      <ServerStateIcon status={status} />
      {t(`status.${status}`)}
    </span>
  );
}
