"use client";
import type { RunbookShelf } from "@mailstead/core/finding-kinds";
import Link from "next/link";
import { PageHeader } from "../../components/page-header.tsx";
import { Panel } from "../../components/panel.tsx";
import { useWords } from "../../components/words-provider.tsx";

export interface ShelfOfRunbooks {
  readonly shelf: RunbookShelf;
  readonly pages: readonly { readonly page: string; readonly title: string }[];
}

/** What to do when something is wrong, by what it is about. */
export function RunbooksScreen({ shelves }: { shelves: readonly ShelfOfRunbooks[] }) {
  const { t } = useWords();
  return (
    <>
      <PageHeader title={t("runbooks.title")} description={t("runbooks.lead")} />
      <div className="grid items-start gap-4 lg:grid-cols-2">
        {shelves.map(({ shelf, pages }) => (
          <Panel key={shelf} title={t(`runbooks.shelf.${shelf}`)} isFlush>
            <ul>
              {pages.map(({ page, title }) => (
                <li key={page} className="border-line border-b last:border-b-0">
                  <Link
                    href={`/runbooks/${page}`}
                    className="block px-4 py-2.5 text-table -outline-offset-2 hover:bg-hover"
                  >
                    {title}
                  </Link>
                </li>
              ))}
            </ul>
          </Panel>
        ))}
      </div>
    </>
  );
}
