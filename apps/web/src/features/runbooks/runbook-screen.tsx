"use client";
import type { ReactNode } from "react";
import { classNames } from "../../components/class-names.ts";
import { PageHeader } from "../../components/page-header.tsx";
import { Panel } from "../../components/panel.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { type ContentsPart, RunbookContents } from "./runbook-contents.tsx";

/** Fewer parts than this are seen at a glance. */
const partsOfLong = 4;

/** A page of what to do when something is wrong; a long one with its contents beside it, or above it on a narrow screen. */
export function RunbookScreen({
  title,
  parts,
  children,
}: {
  title: string;
  parts: readonly ContentsPart[];
  children: ReactNode;
}) {
  const { t } = useWords();
  const isLong = parts.length >= partsOfLong;
  return (
    <>
      <PageHeader title={title} parent={{ href: "/runbooks", label: t("runbooks.title") }} />
      <Panel>
        <div className={classNames("grid gap-6", isLong && "xl:grid-cols-[minmax(0,1fr)_18rem]")}>
          {isLong ? (
            <div className="xl:sticky xl:top-20 xl:order-last xl:max-h-[calc(100dvh-6rem)] xl:self-start xl:overflow-y-auto">
              <RunbookContents label={t("runbooks.contents")} parts={parts} />
            </div>
          ) : null}
          <article className="grid min-w-0 content-start gap-3 text-table">{children}</article>
        </div>
      </Panel>
    </>
  );
}
