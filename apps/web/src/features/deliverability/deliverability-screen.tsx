"use client";
import { AddressesPanel } from "./addresses-panel.tsx";
import { BehindNote } from "./behind-note.tsx";
import { CoursePanel } from "./course-panel.tsx";
import { ReceiversPanel } from "./receivers-panel.tsx";
import { TimeLinePanel } from "./time-line-panel.tsx";
import type { Subject } from "./use-sender.ts";

export type { Subject } from "./use-sender.ts";

/** How the world takes the mail of a domain, a server or one of its addresses: each section asks for itself. */
export function DeliverabilityScreen({ subject }: { subject: Subject }) {
  return (
    <div className="grid gap-4">
      <BehindNote serverId={subject.kind === "server" ? subject.serverId : null} />
      <ReceiversPanel subject={subject} />
      <CoursePanel subject={subject} />
      <TimeLinePanel subject={subject} />
      {subject.kind === "server" && subject.address === undefined ? (
        <AddressesPanel subject={subject} />
      ) : null}
    </div>
  );
}
