"use client";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTRPC } from "../../client/trpc.tsx";
import { Field, Input, SwitchField } from "../../components/field.tsx";
import { Panel } from "../../components/panel.tsx";
import { ProblemNote } from "../../components/problem-note.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { DmarcPanel } from "./dmarc-panel.tsx";
import {
  type DomainMailSettings,
  ListField,
  SettingsForm,
  type SettingsPart,
} from "./mail-settings-form.tsx";
import { MtaStsPanel } from "./mta-sts-panel.tsx";
import { typedOthers, typedSmarthostRecords, typedSpf } from "./typed-mail-settings.ts";
import { WithoutMailPanel } from "./without-mail-panel.tsx";

/** What is wished for a domain's mail beyond what its servers say of themselves. */
export function MailSettingsScreen({ domainId }: { domainId: string }) {
  const query = useQuery(useTRPC().domains.mailSettings.queryOptions({ domainId }));
  if (query.data === undefined) return <ProblemNote error={query.error} />;
  const part = { domainId, mail: query.data };
  if (query.data.isWithoutMail) return <WithoutMailPanel {...part} />;
  return (
    <div className="grid gap-4">
      <SpfPanel {...part} />
      <SmarthostRecordsPanel {...part} />
      <DmarcPanel {...part} />
      <MtaStsPanel domainId={domainId} />
      <OthersPanel {...part} />
    </div>
  );
}

function SpfPanel({ domainId, mail }: SettingsPart) {
  const { t } = useWords();
  const { spf } = mail.settings;
  const [isFlattened, setFlattened] = useState(spf.isFlattened);
  return (
    <Panel title={t("mail-settings.spf")} description={t("mail-settings.spf-lead")}>
      <SettingsForm
        domainId={domainId}
        mail={mail}
        read={(typed) => ({ spf: typedSpf(typed, { isFlattened }) })}
      >
        <div className="grid gap-4 sm:grid-cols-2">
          <ListField
            name="includes"
            label={t("mail-settings.includes")}
            hint={t("mail-settings.includes-hint")}
            values={spf.includes}
          />
          <ListField
            name="addresses"
            label={t("mail-settings.addresses")}
            hint={t("mail-settings.addresses-hint")}
            values={spf.addresses}
          />
        </div>
        <SwitchField
          label={t("mail-settings.flatten")}
          hint={t("mail-settings.flatten-hint")}
          isOn={isFlattened}
          onChange={setFlattened}
        />
        {mail.spf === null ? null : <PlannedSpf {...mail.spf} />}
      </SettingsForm>
    </Panel>
  );
}

function PlannedSpf({ value, caution }: NonNullable<DomainMailSettings["spf"]>) {
  const { t } = useWords();
  return (
    <div className="grid gap-1.5">
      <p className="font-medium text-meta">{t("mail-settings.spf-now")}</p>
      <p className="rounded-ui bg-sunken px-3 py-2 font-mono text-meta [overflow-wrap:anywhere]">{value}</p>
      {caution === null ? null : (
        <p className="rounded-ui bg-attention-soft px-3 py-2 text-table">{caution}</p>
      )}
    </div>
  );
}

function SmarthostRecordsPanel({ domainId, mail }: SettingsPart) {
  const { t } = useWords();
  const { smarthostRecords } = mail.settings;
  return (
    <Panel
      id="smarthost-records"
      title={t("mail-settings.smarthost-records")}
      description={t("mail-settings.smarthost-records-lead")}
    >
      <SettingsForm
        domainId={domainId}
        mail={mail}
        read={(typed) => ({ smarthostRecords: typedSmarthostRecords(typed) })}
      >
        <ListField
          name="smarthostRecords"
          label={t("mail-settings.smarthost-records-label")}
          hint={t("mail-settings.smarthost-records-hint")}
          values={smarthostRecords.map(({ name, type, value }) => `${name} ${type} ${value}`)}
        />
        <ul className="grid gap-1 text-ink-2 text-meta">
          {(["mailgun", "postmark", "ses"] as const).map((preset) => (
            <li key={preset}>{t(`mail-settings.smarthost-records.${preset}`)}</li>
          ))}
        </ul>
      </SettingsForm>
    </Panel>
  );
}

function OthersPanel({ domainId, mail }: SettingsPart) {
  const { t } = useWords();
  const { namesWithoutMail, tlsReportsTo, bimi } = mail.settings;
  return (
    <Panel title={t("mail-settings.others")}>
      <SettingsForm domainId={domainId} mail={mail} read={typedOthers}>
        <div className="grid gap-4 sm:grid-cols-2">
          <ListField
            name="namesWithoutMail"
            label={t("mail-settings.names")}
            hint={t("mail-settings.names-hint")}
            values={namesWithoutMail}
          />
          <ListField
            name="tlsReportsTo"
            label={t("mail-settings.tls-reports")}
            hint={t("mail-settings.tls-reports-hint")}
            values={tlsReportsTo}
          />
          <Field label={t("mail-settings.logo")} hint={t("mail-settings.logo-hint")}>
            <Input name="logoUrl" type="url" defaultValue={bimi?.logoUrl ?? ""} className="text-table" />
          </Field>
          <Field label={t("mail-settings.logo-certificate")} hint={t("mail-settings.logo-certificate-hint")}>
            <Input
              name="certificateUrl"
              type="url"
              defaultValue={bimi?.certificateUrl ?? ""}
              className="text-table"
            />
          </Field>
        </div>
      </SettingsForm>
    </Panel>
  );
}
