"use client";
import { Panel } from "../../components/panel.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { DayMap } from "./day-map.tsx";
import { type Subject, useReputation } from "./use-sender.ts";

/** How each receiver took the mail of a domain or a server, day by day. */
export function CoursePanel({ subject }: { subject: Subject }) {
  const { t } = useWords();
  const reputation = useReputation(subject);
  if (reputation === undefined || reputation.cells.length === 0) return null;
  return (
    <Panel title={t("deliverability.course")} description={t("deliverability.course-lead")} isFlush>
      <DayMap days={reputation.days} receivers={reputation.receivers} cells={reputation.cells} />
    </Panel>
  );
}
