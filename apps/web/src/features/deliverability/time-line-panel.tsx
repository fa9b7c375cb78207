"use client";
import { replyCategories } from "@mailstead/core/delivery";
import type { RouterOutputs } from "../../client/router-types.ts";
import { type Level, LevelIcon } from "../../components/level.tsx";
import { Panel } from "../../components/panel.tsx";
import { Ago } from "../../components/time.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { type Subject, useOverview } from "./use-sender.ts";

type Incident = RouterOutputs["deliverability"]["domain"]["incidents"][number];

/** What went wrong at which receiver, when it began and when it ended. */
export function TimeLinePanel({ subject }: { subject: Subject }) {
  const { t } = useWords();
  const { data: overview } = useOverview(subject);
  if (overview === undefined || overview.providers.length === 0) return null;
  return (
    <Panel title={t("deliverability.time-line")} description={t("deliverability.time-line-lead")} isFlush>
      {overview.incidents.length === 0 ? (
        <p className="px-4 py-3.5 text-ink-2 text-table">{t("deliverability.time-line-none")}</p>
      ) : (
        <ol className="divide-y divide-line">
          {overview.incidents.map((incident) => (
            <li key={`${incident.provider} ${incident.category} ${incident.beganAt}`}>
              <IncidentRow incident={incident} />
            </li>
          ))}
        </ol>
      )}
    </Panel>
  );
}

function levelOf({ isOver, category }: Incident): Level {
  if (isOver) return "unknown";
  return replyCategories[category].severity === "critical" ? "trouble" : "attention";
}

function IncidentRow({ incident }: { incident: Incident }) {
  const { t, format } = useWords();
  const { title, category, beganAt, lastAt, isOver, permanent, temporary, lastDeliveredAt } = incident;
  const counts = [
    ...(permanent > 0 ? [t("deliverability.reason.permanent", { count: permanent })] : []),
    ...(temporary > 0 ? [t("deliverability.reason.temporary", { count: temporary })] : []),
  ];
  return (
    <div className="flex gap-2.5 px-4 py-2.5 text-table">
      <span className="flex h-lh items-center">
        <LevelIcon level={levelOf(incident)} />
      </span>
      <div className="grid min-w-0 flex-1 gap-x-4 gap-y-0.5 md:grid-cols-[minmax(0,1fr)_auto]">
        <p>
          <span className="font-medium">{title ?? t("deliverability.others")}</span>{" "}
          <span className="text-ink-2">{t(`reply.${category}`)}</span>
        </p>
        <p className="text-ink-3 md:text-right">
          {isOver ? (
            <>
              {t("deliverability.incident.began")} <Ago at={new Date(beganAt)} />
              {lastAt > beganAt ? (
                <>, {t("deliverability.incident.lasted", { duration: format.span(lastAt - beganAt) })}</>
              ) : null}
            </>
          ) : (
            <>
              {t("deliverability.incident.goes-on")} <Ago at={new Date(beganAt)} />
            </>
          )}
        </p>
        <p className="text-ink-3 first-letter:uppercase md:col-span-2">
          {counts.join(", ")}.{" "}
          {lastDeliveredAt === null ? (
            t("deliverability.incident.nothing-delivered")
          ) : (
            <>
              {t("deliverability.incident.last-delivered")} <Ago at={new Date(lastDeliveredAt)} />.
            </>
          )}
        </p>
      </div>
    </div>
  );
}
