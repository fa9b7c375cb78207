"use client";
import type { ReactNode } from "react";
import { PageHeader } from "../../components/page-header.tsx";
import { Panel } from "../../components/panel.tsx";
import { useWords } from "../../components/words-provider.tsx";

/** A page of what to do when something is wrong. */
export function RunbookScreen({ title, children }: { title: string; children: ReactNode }) {
  const { t } = useWords();
  return (
    <>
      <PageHeader title={title} parent={{ href: "/runbooks", label: t("runbooks.title") }} />
      <Panel>
        <article className="grid gap-3 text-table">{children}</article>
      </Panel>
    </>
  );
}
