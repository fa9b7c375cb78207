"use client";
import { useState } from "react";
import { Field, Select, SwitchField } from "../../components/field.tsx";
import { Folded } from "../../components/folded.tsx";
import { Panel } from "../../components/panel.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { ListField, SettingsForm, type SettingsPart } from "./mail-settings-form.tsx";
import { typedDmarc } from "./typed-mail-settings.ts";

const reportChoices = ["sums", "failures", "none"] as const;
const policies = ["none", "quarantine", "reject"] as const;

/** What receivers do with forged mail of a domain, with what to do about it next. */
export function DmarcPanel({ domainId, mail }: SettingsPart) {
  const { t } = useWords();
  const { dmarc } = mail.settings;
  const [isDkimStrict, setDkimStrict] = useState(dmarc.dkimAlignment === "strict");
  const [isSpfStrict, setSpfStrict] = useState(dmarc.spfAlignment === "strict");
  return (
    <Panel title={t("mail-settings.dmarc")} description={t("mail-settings.dmarc-lead")}>
      <SettingsForm
        domainId={domainId}
        mail={mail}
        read={(typed) => ({
          dmarc: typedDmarc(typed, { isDkimStrict, isSpfStrict }),
          reportsHere: reportChoices.find((choice) => choice === typed("reportsHere")) ?? "sums",
        })}
      >
        <Field label={t("mail-settings.policy")} hint={mail.dmarc.advice}>
          <Select key={dmarc.policy} name="policy" defaultValue={dmarc.policy}>
            {mail.dmarc.policies.map(({ policy, problem }) => (
              <option key={policy} value={policy} disabled={problem !== null}>
                {t(`mail-settings.policy.${policy}`)}
              </option>
            ))}
          </Select>
        </Field>
        <Field label={t("mail-settings.reports-here")} hint={t("mail-settings.reports-here-hint")}>
          <Select key={mail.settings.reportsHere} name="reportsHere" defaultValue={mail.settings.reportsHere}>
            {reportChoices.map((choice) => (
              <option key={choice} value={choice}>
                {t(`mail-settings.reports-here.${choice}`)}
              </option>
            ))}
          </Select>
        </Field>
        <ListField
          name="reportsTo"
          label={t("mail-settings.reports")}
          hint={t("mail-settings.reports-hint")}
          values={dmarc.reportsTo}
        />
        <Folded label={t("mail-settings.more")}>
          <div className="grid gap-4 pt-3">
            <div className="grid gap-4 sm:grid-cols-2">
              <PolicyField
                name="subdomainPolicy"
                label={t("mail-settings.subdomains")}
                unset={t("mail-settings.as-domain")}
                policy={dmarc.subdomainPolicy}
              />
              <PolicyField
                name="nonexistentPolicy"
                label={t("mail-settings.nonexistent")}
                unset={t("mail-settings.as-subdomains")}
                policy={dmarc.nonexistentPolicy}
              />
            </div>
            <ListField
              name="failureReportsTo"
              label={t("mail-settings.failures")}
              hint={t("mail-settings.failures-hint")}
              values={dmarc.failureReportsTo}
            />
            <SwitchField
              label={t("mail-settings.strict-dkim")}
              hint={t("mail-settings.strict-hint")}
              isOn={isDkimStrict}
              onChange={setDkimStrict}
            />
            <SwitchField
              label={t("mail-settings.strict-spf")}
              hint={t("mail-settings.strict-hint")}
              isOn={isSpfStrict}
              onChange={setSpfStrict}
            />
          </div>
        </Folded>
      </SettingsForm>
    </Panel>
  );
}

function PolicyField({
  name,
  label,
  unset,
  policy,
}: {
  name: string;
  label: string;
  unset: string;
  policy: (typeof policies)[number] | null;
}) {
  const { t } = useWords();
  return (
    <Field label={label}>
      <Select name={name} defaultValue={policy ?? ""}>
        <option value="">{unset}</option>
        {policies.map((each) => (
          <option key={each} value={each}>
            {t(`mail-settings.policy.${each}`)}
          </option>
        ))}
      </Select>
    </Field>
  );
}
