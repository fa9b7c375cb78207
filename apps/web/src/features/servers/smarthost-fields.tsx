"use client";
import { presetOfHost, type SmarthostPresetId, smarthostPresets } from "@mailstead/core/smarthosts";
import { Field, Input, Select, SwitchField } from "../../components/field.tsx";
import { useWords } from "../../components/words-provider.tsx";

/** A smarthost as it stands in a form. */
export interface TypedSmarthost {
  host: string;
  port: string;
  username: string;
  password: string;
  hasPassword: boolean;
  verifiesCertificate: boolean;
}

const submissionPort = "587";

export const emptySmarthost: TypedSmarthost = {
  host: "",
  port: submissionPort,
  username: "",
  password: "",
  hasPassword: false,
  verifiesCertificate: true,
};

/** What is sent of it: a name or password that was left empty is left out. */
export function smarthostTyped({ host, port, username, password, verifiesCertificate }: TypedSmarthost) {
  return {
    host: host.trim(),
    port: Number(port),
    verifiesCertificate,
    ...(username === "" ? {} : { username }),
    ...(password === "" ? {} : { password }),
  };
}

/** Host, port and sign-in of a smarthost, with what is known of the services that many use. */
export function SmarthostFields({
  draft,
  onChange,
}: {
  draft: TypedSmarthost;
  onChange: (values: Partial<TypedSmarthost>) => void;
}) {
  const { t } = useWords();
  const preset = presetOfHost(draft.host.trim());
  const choose = (id: string) => {
    if (id in smarthostPresets) {
      const { host, port } = smarthostPresets[id as SmarthostPresetId];
      onChange({ host, port: String(port), verifiesCertificate: true });
    } else onChange({ host: "" });
  };
  return (
    <>
      <Field label={t("smarthosts.preset")}>
        <Select value={preset ?? ""} onChange={(event) => choose(event.target.value)}>
          <option value="">{t("smarthosts.preset.none")}</option>
          {Object.entries(smarthostPresets).map(([id, { title }]) => (
            <option key={id} value={id}>
              {title}
            </option>
          ))}
        </Select>
      </Field>
      {preset === null ? null : (
        <p className="text-ink-2 text-table">
          {t(`smarthosts.preset.${preset}.todo`)}{" "}
          {t("smarthosts.spf", { include: `include:${smarthostPresets[preset].spfInclude}` })}
        </p>
      )}
      <div className="grid gap-3 sm:grid-cols-[minmax(0,1fr)_6rem]">
        <Field label={t("server-settings.relay-host")}>
          <Input
            value={draft.host}
            onChange={(event) => onChange({ host: event.target.value })}
            required
            spellCheck={false}
            className="font-mono text-table"
          />
        </Field>
        <Field label={t("server-settings.relay-port")}>
          <Input
            value={draft.port}
            onChange={(event) => onChange({ port: event.target.value })}
            type="number"
            min={1}
            max={65535}
            required
          />
        </Field>
      </div>
      <div className="grid gap-3 sm:grid-cols-2">
        <Field
          label={t("server-settings.relay-user")}
          hint={preset === null ? undefined : t(`smarthosts.preset.${preset}.user`)}
        >
          <Input
            value={draft.username}
            onChange={(event) => onChange({ username: event.target.value })}
            autoComplete="off"
          />
        </Field>
        <Field
          label={t("server-settings.relay-password")}
          hint={draft.hasPassword ? t("server-settings.relay-password-kept") : undefined}
        >
          <Input
            value={draft.password}
            onChange={(event) => onChange({ password: event.target.value })}
            type="password"
            autoComplete="new-password"
          />
        </Field>
      </div>
      <SwitchField
        label={t("server-settings.relay-verifies")}
        isOn={draft.verifiesCertificate}
        onChange={(verifiesCertificate) => onChange({ verifiesCertificate })}
      />
    </>
  );
}
