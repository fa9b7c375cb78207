import { type Level, LevelIcon } from "./level.tsx";

export interface SectionCard {
  /** The id of the section on this page. */
  id: string;
  title: string;
  level: Level;
  /** Its state in a few words. */
  says: string;
}

/** The parts of a long page with the state of each, in one look; a press leads to the part. */
export function SectionCards({ label, cards }: { label: string; cards: readonly SectionCard[] }) {
  return (
    <nav aria-label={label}>
      <ul className="grid gap-px overflow-hidden rounded-ui border border-line bg-line sm:grid-cols-[repeat(auto-fit,minmax(13rem,1fr))]">
        {cards.map(({ id, title, level, says }) => (
          <li key={id} className="bg-surface">
            <a
              href={`#${id}`}
              className="flex h-full min-h-14 gap-2 px-4 py-2.5 text-table -outline-offset-2 hover:bg-hover"
            >
              <span className="flex h-lh shrink-0 items-center">
                <LevelIcon level={level} />
              </span>
              <span className="grid min-w-0 content-start">
                <span className="font-medium">{title}</span>
                <span className="text-ink-2 [overflow-wrap:anywhere]">{says}</span>
              </span>
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}
