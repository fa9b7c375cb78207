"use client";
import { PageHeader } from "../../components/page-header.tsx";
import { TabLinks } from "../../components/tab-links.tsx";
import { useWords } from "../../components/words-provider.tsx";

/** The head that all parts of the updates share. */
export function UpdatesHeader({ lead }: { lead: string }) {
  const { t } = useWords();
  return (
    <>
      <PageHeader title={t("updates.title")} description={lead} />
      <TabLinks
        label={t("updates.tabs")}
        tabs={[
          { href: "/updates", label: t("updates.tab.waiting") },
          { href: "/updates/cves", label: t("updates.tab.cves") },
          { href: "/updates/packages", label: t("updates.tab.packages") },
          { href: "/updates/restart", label: t("updates.tab.restart") },
        ]}
      />
    </>
  );
}
