"use client";
import { Panel } from "../../components/panel.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { ListField, SettingsForm, type SettingsPart } from "./mail-settings-form.tsx";
import { typedList, typedReports } from "./typed-mail-settings.ts";

/** What a domain without mail may wish for; the settings of its mail are kept for when it has some. */
export function WithoutMailPanel({ domainId, mail }: SettingsPart) {
  const { t } = useWords();
  const { dmarc, namesWithoutMail } = mail.settings;
  return (
    <Panel title={t("without-mail.title")} description={t("without-mail.lead")}>
      <SettingsForm
        domainId={domainId}
        mail={mail}
        read={(typed) => ({
          dmarc: { ...dmarc, ...typedReports(typed) },
          namesWithoutMail: typedList(typed("namesWithoutMail")),
        })}
      >
        <div className="grid gap-4 sm:grid-cols-2">
          <ListField
            name="reportsTo"
            label={t("mail-settings.reports")}
            hint={t("mail-settings.reports-hint")}
            values={dmarc.reportsTo}
          />
          <ListField
            name="failureReportsTo"
            label={t("mail-settings.failures")}
            hint={t("mail-settings.failures-hint")}
            values={dmarc.failureReportsTo}
          />
          <ListField
            name="namesWithoutMail"
            label={t("mail-settings.names")}
            hint={t("mail-settings.names-hint")}
            values={namesWithoutMail}
          />
        </div>
      </SettingsForm>
    </Panel>
  );
}
