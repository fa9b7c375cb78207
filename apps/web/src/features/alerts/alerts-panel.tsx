"use client";
import Link from "next/link";
import { Button } from "../../components/button.tsx";
import { Panel } from "../../components/panel.tsx";
import { useWords } from "../../components/words-provider.tsx";

/** The way from the settings to the channels of alerts. */
export function AlertsPanel() {
  const { t } = useWords();
  return (
    <Panel title={t("alerts.title")} description={t("alerts.lead")}>
      <Button asChild>
        <Link href="/settings/alerts">{t("alerts.open")}</Link>
      </Button>
    </Panel>
  );
}
