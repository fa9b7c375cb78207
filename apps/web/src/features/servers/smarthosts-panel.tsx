"use client";
import { providers } from "@mailstead/core/delivery";
import {
  presetOfHost,
  relayedProvider,
  type SmarthostPresetId,
  smarthostPresets,
  standbyRelay,
} from "@mailstead/core/servers";
import { useMutation } from "@tanstack/react-query";
import { useTRPC } from "../../client/trpc.tsx";
import { Field, Input, InputWithSuffix, Select, SwitchField } from "../../components/field.tsx";
import { Panel } from "../../components/panel.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { useMay } from "../access/role-provider.tsx";
import { AddDraftButton, RemoveDraftButton } from "./draft-buttons.tsx";
import { SaveForm } from "./save-form.tsx";
import type { SettingsPart } from "./stack-settings-panels.tsx";
import { TestSmarthost } from "./test-smarthost.tsx";
import { useDrafts } from "./use-drafts.ts";
import { useServerCache } from "./use-server-cache.ts";

interface SmarthostDraft {
  /** "domain", the standby, or `provider:` and its id. */
  kind: string;
  domain: string;
  percent: string;
  isAutomatic: boolean;
  isDirect: boolean;
  host: string;
  port: string;
  username: string;
  password: string;
  hasPassword: boolean;
  verifiesCertificate: boolean;
}

const domainKind = "domain";
const wholeShare = "100";

const newSmarthost: SmarthostDraft = {
  kind: standbyRelay,
  domain: "",
  percent: wholeShare,
  isAutomatic: false,
  isDirect: false,
  host: "",
  port: "587",
  username: "",
  password: "",
  hasPassword: false,
  verifiesCertificate: true,
};

/** Where mail goes because of who receives it, and what measures may lead through. */
export function SmarthostsPanel({ serverId, settings }: SettingsPart) {
  const { t } = useWords();
  const may = useMay();
  const trpc = useTRPC();
  const cache = useServerCache();
  const smarthosts = useDrafts<SmarthostDraft>(() => settings.smarthosts.map(draftOf));
  const save = useMutation(trpc.servers.setSmarthosts.mutationOptions({ onSuccess: () => cache.refresh() }));
  const { drafts } = smarthosts;
  if (drafts.length === 0 && !may("servers.setSmarthosts")) return null;
  return (
    <Panel id="smarthosts" title={t("smarthosts.title")} description={t("smarthosts.lead")}>
      <SaveForm
        use="servers.setSmarthosts"
        save={save}
        isDisabled={drafts.length === 0 && settings.smarthosts.length === 0}
        onSave={() => save.mutate({ serverId, smarthosts: drafts.map(smarthostOf) })}
      >
        {drafts.map((draft) => (
          <SmarthostFields
            key={draft.id}
            serverId={serverId}
            draft={draft}
            onChange={(values) => smarthosts.change(draft.id, values)}
            onRemove={() => smarthosts.remove(draft.id)}
          />
        ))}
        <AddDraftButton
          use="servers.setSmarthosts"
          label={t("smarthosts.add")}
          onClick={() =>
            smarthosts.add({
              ...newSmarthost,
              kind: drafts.some(({ kind }) => kind === standbyRelay) ? domainKind : standbyRelay,
            })
          }
        />
      </SaveForm>
    </Panel>
  );
}

function draftOf({ to, percent, isAutomatic, smarthost }: SettingsPart["settings"]["smarthosts"][number]) {
  const isDomain = to !== standbyRelay && relayedProvider(to) === null;
  return {
    ...newSmarthost,
    kind: isDomain ? domainKind : to,
    domain: isDomain ? to : "",
    percent: String(percent),
    isAutomatic,
    isDirect: smarthost === null,
    ...(smarthost === null ? {} : { ...smarthost, port: String(smarthost.port) }),
  };
}

const nameOf = ({ kind, domain }: SmarthostDraft): string => (kind === domainKind ? domain.trim() : kind);

function smarthostOf(draft: SmarthostDraft) {
  return {
    to: nameOf(draft),
    percent: relayedProvider(draft.kind) === null ? Number(wholeShare) : Number(draft.percent),
    isAutomatic: draft.kind === standbyRelay && draft.isAutomatic,
    smarthost: draft.kind === domainKind && draft.isDirect ? null : typedOf(draft),
  };
}

function typedOf({ host, port, username, password, verifiesCertificate }: SmarthostDraft) {
  return {
    host: host.trim(),
    port: Number(port),
    verifiesCertificate,
    ...(username === "" ? {} : { username }),
    ...(password === "" ? {} : { password }),
  };
}

interface FieldsProps {
  serverId: string;
  draft: SmarthostDraft;
  onChange: (values: Partial<SmarthostDraft>) => void;
  onRemove: () => void;
}

function SmarthostFields({ serverId, draft, onChange, onRemove }: FieldsProps) {
  const { t } = useWords();
  const provider = relayedProvider(draft.kind);
  return (
    <fieldset className="grid gap-3 rounded-ui border border-line p-3">
      <legend className="sr-only">{`${t("smarthosts.to")} ${nameOf(draft)}`}</legend>
      <div className="flex items-start gap-3">
        <div className="grid min-w-0 flex-1 gap-3 sm:grid-cols-2">
          <Field label={t("smarthosts.to")}>
            <Select value={draft.kind} onChange={(event) => onChange({ kind: event.target.value })}>
              <option value={standbyRelay}>{t("smarthosts.to.standby")}</option>
              <option value={domainKind}>{t("smarthosts.to.domain")}</option>
              {Object.entries(providers).map(([id, { title }]) => (
                <option key={id} value={`provider:${id}`}>
                  {title}
                </option>
              ))}
            </Select>
          </Field>
          {draft.kind === domainKind ? (
            <Field label={t("smarthosts.domain")}>
              <Input
                value={draft.domain}
                onChange={(event) => onChange({ domain: event.target.value })}
                required
                autoCapitalize="none"
                spellCheck={false}
                className="font-mono text-table"
              />
            </Field>
          ) : null}
          {provider === null ? null : (
            <Field label={t("smarthosts.percent")}>
              <InputWithSuffix
                suffix="%"
                type="number"
                min={1}
                max={100}
                required
                value={draft.percent}
                onChange={(event) => onChange({ percent: event.target.value })}
              />
            </Field>
          )}
        </div>
        <RemoveDraftButton
          use="servers.setSmarthosts"
          label={t("smarthosts.remove", { to: nameOf(draft) })}
          onClick={onRemove}
        />
      </div>
      {draft.kind === standbyRelay ? (
        <SwitchField
          label={t("smarthosts.automatic")}
          isOn={draft.isAutomatic}
          onChange={(isAutomatic) => onChange({ isAutomatic })}
        />
      ) : null}
      {draft.kind === domainKind ? (
        <SwitchField
          label={t("smarthosts.direct")}
          isOn={draft.isDirect}
          onChange={(isDirect) => onChange({ isDirect })}
        />
      ) : null}
      {draft.kind === domainKind && draft.isDirect ? null : (
        <>
          <HostFields draft={draft} onChange={onChange} />
          <TestSmarthost
            serverId={serverId}
            keptFor={{ of: "receivers", name: nameOf(draft) }}
            smarthost={typedOf(draft)}
          />
        </>
      )}
    </fieldset>
  );
}

function HostFields({ draft, onChange }: Pick<FieldsProps, "draft" | "onChange">) {
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
        <span className="max-sm:hidden" />
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
        <SwitchField
          label={t("server-settings.relay-verifies")}
          isOn={draft.verifiesCertificate}
          onChange={(verifiesCertificate) => onChange({ verifiesCertificate })}
        />
      </div>
    </>
  );
}
