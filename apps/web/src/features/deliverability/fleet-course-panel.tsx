"use client";
import { Panel } from "../../components/panel.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { DayMap } from "./day-map.tsx";
import { useFleet } from "./use-fleet.ts";

/** How each receiver took the mail of the whole fleet, day by day. */
export function FleetCoursePanel() {
  const { t } = useWords();
  const { data: fleet } = useFleet();
  if (fleet === undefined || fleet.cells.length === 0) return null;
  return (
    <Panel title={t("deliverability.course")} description={t("deliverability.course-lead")} isFlush>
      <DayMap days={fleet.days} receivers={fleet.receivers} cells={fleet.cells} />
    </Panel>
  );
}
