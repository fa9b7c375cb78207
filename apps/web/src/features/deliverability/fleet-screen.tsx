"use client";
import { useWords } from "../../components/words-provider.tsx";
import { BehindNote } from "./behind-note.tsx";
import { FleetCoursePanel } from "./fleet-course-panel.tsx";
import { FleetHeader } from "./fleet-header.tsx";
import { FleetReceiversPanel } from "./fleet-receivers-panel.tsx";
import { StandingsList } from "./standings-list.tsx";

/** How do Gmail, Outlook, Yahoo and the others receive us, since when, and why? Each section asks for itself. */
export function FleetScreen() {
  const { t } = useWords();
  return (
    <>
      <FleetHeader lead={t("deliverability.fleet-lead")} />
      <div className="grid gap-4">
        <BehindNote />
        <FleetReceiversPanel />
        <FleetCoursePanel />
        <StandingsList />
      </div>
    </>
  );
}
