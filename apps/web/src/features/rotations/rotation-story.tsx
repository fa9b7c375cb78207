"use client";
import { Disclosure } from "../../components/disclosure.tsx";
import { Ago } from "../../components/time.tsx";
import type { OpenRotation } from "./rotation-panel.tsx";

type Told = OpenRotation["events"][number];

/** Everything that a rotation did, newest first; each line opens to its evidence. */
export function RotationStory({ events }: { events: readonly Told[] }) {
  return (
    <div>
      {events.toReversed().map((event) => (
        <StoryEntry key={event.number} event={event} />
      ))}
    </div>
  );
}

function StoryEntry({ event }: { event: Told }) {
  const when = (
    <span className="figures text-ink-3 text-meta">
      <Ago at={event.at} />
    </span>
  );
  if (event.lines.length === 0)
    return (
      <p className="flex min-h-10 items-center gap-2 border-line border-b py-1.5 pr-4 pl-10 last:border-b-0">
        <span className="min-w-0 flex-1 text-table [overflow-wrap:anywhere]">{event.sentence}</span>
        {when}
      </p>
    );
  return (
    <Disclosure summary={<span className="text-table">{event.sentence}</span>} note={when}>
      <pre className="max-h-80 overflow-auto whitespace-pre-wrap bg-sunken px-4 py-2 font-mono text-ink-2 text-meta [overflow-wrap:anywhere]">
        {event.lines.join("\n")}
      </pre>
    </Disclosure>
  );
}
