"use client";
import { type JobResult, jobCatalog } from "@mailstead/core/jobs";
import type { RouterOutputs } from "../../client/router-types.ts";
import { type Level, LevelIcon } from "../../components/level.tsx";
import { Panel } from "../../components/panel.tsx";
import { useWords } from "../../components/words-provider.tsx";

type Health = JobResult<"check-mail">;
type Check = Health["checks"][number];

/** What the host found when it tried its own mail; null unless this job asked it and it has answered. */
export function mailHealthOf({
  verb,
  outcome,
}: Pick<RouterOutputs["jobs"]["get"], "verb" | "outcome">): Health | null {
  if (verb !== "check-mail" || outcome?.kind !== "succeeded") return null;
  const result = jobCatalog["check-mail"].result.safeParse(outcome.result);
  return result.success ? result.data : null;
}

const levels: Readonly<Record<Check["state"], Level>> = { ok: "good", bad: "trouble", unknown: "unknown" };
/** What is bad is read first, then what nobody could tell. */
const order: readonly Check["state"][] = ["bad", "unknown", "ok"];

/** The checks of a host's mail with a mark and a sentence each, and the figures of the moment. */
export function MailHealthPanel({ health }: { health: Health }) {
  const { t, format } = useWords();
  const { queueMessages, recent } = health.figures;
  const checks = health.checks.toSorted(
    (one, other) => order.indexOf(one.state) - order.indexOf(other.state),
  );
  return (
    <Panel title={t("job.mail-checks")} isFlush>
      <ul>
        {checks.map((check) => (
          <li
            key={`${check.id} ${check.sentence}`}
            className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-2 border-line border-b px-4 py-2.5 last:border-b-0"
          >
            <span className="flex h-lh items-center">
              <LevelIcon level={levels[check.state]} />
            </span>
            <p className="flex flex-wrap items-baseline gap-x-2">
              <span className="font-medium">{t(`job.mail-check.${check.id}`)}</span>
              <span className="text-ink-2 text-meta">{t(`job.mail-check-state.${check.state}`)}</span>
            </p>
            <p className="col-start-2 text-ink-2 text-table [overflow-wrap:anywhere]">{check.sentence}</p>
          </li>
        ))}
      </ul>
      <p className="border-line border-t px-4 py-2.5 text-ink-2 text-meta">
        {queueMessages === null
          ? t("job.mail-queue-unknown")
          : t("job.mail-queue", { count: queueMessages, number: format.number(queueMessages) })}{" "}
        {recent === null
          ? t("job.mail-recent-unknown")
          : t("job.mail-recent", {
              sent: format.number(recent.sent),
              deferred: format.number(recent.deferred),
              bounced: format.number(recent.bounced),
              rejected: format.number(recent.rejected),
            })}
      </p>
    </Panel>
  );
}
