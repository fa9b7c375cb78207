"use client";
import Link from "next/link";
import { Button } from "../../components/button.tsx";
import { Panel } from "../../components/panel.tsx";
import { useWords } from "../../components/words-provider.tsx";

/** The way from the settings to when servers may be changed. */
export function MaintenancePanel() {
  const { t } = useWords();
  return (
    <Panel title={t("maintenance.title")} description={t("maintenance.lead")}>
      <Button asChild>
        <Link href="/settings/maintenance">{t("maintenance.open")}</Link>
      </Button>
    </Panel>
  );
}
