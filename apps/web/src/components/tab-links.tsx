"use client";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { classNames } from "./class-names.ts";

export interface TabLink {
  href: string;
  label: string;
  /** A small number beside the label, like how many jobs run. */
  count?: number;
}

/** The parts of a page, each with an address of its own. */
export function TabLinks({ label, tabs }: { label: string; tabs: readonly TabLink[] }) {
  const path = usePathname();
  return (
    <nav
      aria-label={label}
      className="no-print -mx-4 mb-5 overflow-x-auto border-line border-b px-4 [scrollbar-width:none] sm:mx-0 sm:px-0"
    >
      <ul className="flex w-max min-w-full gap-1">
        {tabs.map((tab) => {
          const own = pathOf(tab);
          // Pages below a part belong to it, unless other parts lie below it themselves.
          const isAbove =
            path.startsWith(`${own}/`) && !tabs.some((other) => pathOf(other).startsWith(`${own}/`));
          const isCurrent = path === own || isAbove;
          return (
            <li key={tab.href}>
              <Link
                ref={isCurrent ? keepInSight : null}
                href={tab.href}
                aria-current={path === own ? "page" : isAbove || undefined}
                className={classNames(
                  "relative flex h-9 items-center gap-1.5 whitespace-nowrap px-2.5 text-table -outline-offset-2",
                  isCurrent
                    ? "font-medium text-ink after:absolute after:inset-x-2 after:-bottom-px after:h-0.5 after:rounded-full after:bg-accent-fill"
                    : "text-ink-2 hover:text-ink",
                )}
              >
                {tab.label}
                {tab.count ? (
                  <span className="figures rounded-full bg-sunken px-1.5 text-ink-2 text-meta ring-1 ring-line">
                    {tab.count}
                  </span>
                ) : null}
              </Link>
            </li>
          );
        })}
      </ul>
    </nav>
  );
}

const pathOf = ({ href }: TabLink): string => href.split("?", 1)[0] ?? "";

/** On a narrow screen the bar is wider than the page; only the bar is scrolled, never the page, also when it is turned. */
function keepInSight(link: HTMLElement | null): (() => void) | undefined {
  const bar = link?.closest("nav");
  if (link === null || bar === null || bar === undefined) return undefined;
  const centre = () => {
    const [own, around] = [link.getBoundingClientRect(), bar.getBoundingClientRect()];
    bar.scrollLeft += own.left + own.width / 2 - (around.left + around.width / 2);
  };
  centre();
  const resized = new ResizeObserver(centre);
  resized.observe(bar);
  return () => resized.disconnect();
}
