"use client";
import { Circle, CircleAlert, CircleCheck } from "lucide-react";
import { classNames } from "../../components/class-names.ts";
import { Spinner } from "../../components/spinner.tsx";
import { Ago, useNow } from "../../components/time.tsx";
import { useWords } from "../../components/words-provider.tsx";
import type { OpenRotation } from "./rotation-panel.tsx";
import { type StepOnLine, stepLine } from "./step-line.ts";

/** The steps of a rotation from the first to the last: what is done and when, what it waits for, what comes. */
export function RotationLine({ rotation }: { rotation: OpenRotation }) {
  const { t } = useWords();
  return (
    <ol className="grid border-line border-t py-1.5" aria-label={t("rotation.steps")}>
      {stepLine(rotation, rotation.events).map((line) => (
        <li
          key={line.step}
          aria-current={line.standing === "current" ? "step" : undefined}
          className="flex gap-2.5 px-4 py-1.5"
        >
          <span className="pt-0.5">
            <StepIcon line={line} hasAlarm={rotation.alarm !== null} />
          </span>
          <div className="grid min-w-0 flex-1 gap-0.5">
            <p className={classNames("text-table", line.standing === "coming" ? "text-ink-3" : "text-ink")}>
              {t(`rotation.step.${line.step}`)}
            </p>
            {line.standing === "current" ? <Waiting rotation={rotation} /> : null}
          </div>
          {line.reachedAt === null ? null : (
            <span className="figures shrink-0 pt-0.5 text-ink-3 text-meta">
              <Ago at={line.reachedAt} />
            </span>
          )}
        </li>
      ))}
    </ol>
  );
}

function Waiting({ rotation }: { rotation: OpenRotation }) {
  const { t, format } = useWords();
  const now = useNow();
  const { waitsFor, waitsUntil, servers } = rotation;
  return (
    <div className="grid gap-0.5 text-ink-2 text-meta">
      <p className="[overflow-wrap:anywhere]">
        {t("rotation.waits-for", { what: waitsFor })}{" "}
        {waitsUntil !== null && waitsUntil > now ? (
          <span title={format.exact(waitsUntil)} suppressHydrationWarning>
            {t("rotation.until", { when: format.relative(waitsUntil, now) })}
          </span>
        ) : null}
      </p>
      <ul className="flex flex-wrap gap-x-4">
        {servers.map((server) => (
          <li key={server.id}>
            {server.name}: {t(`rotation.server.${standingOf(server)}`)}
          </li>
        ))}
      </ul>
    </div>
  );
}

function standingOf(server: OpenRotation["servers"][number]) {
  if (!server.isOnline) return "offline";
  if (server.hasApplied) return "switched";
  if (server.isTold) return "told";
  return server.test === "passed" ? "proven" : "preparing";
}

function StepIcon({ line, hasAlarm }: { line: StepOnLine; hasAlarm: boolean }) {
  if (line.standing === "done") return <CircleCheck aria-hidden="true" className="size-4 text-good" />;
  if (line.standing === "coming") return <Circle aria-hidden="true" className="size-4 text-line-strong" />;
  if (hasAlarm) return <CircleAlert aria-hidden="true" className="size-4 text-attention" />;
  return (
    <span className="grid size-4 place-items-center text-accent">
      <Spinner />
    </span>
  );
}
