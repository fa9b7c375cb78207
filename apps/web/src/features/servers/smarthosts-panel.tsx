"use client";
import { providers } from "@mailstead/core/delivery";
import { relayedProvider, standbyRelay } from "@mailstead/core/servers";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTRPC } from "../../client/trpc.tsx";
import { Field, Input, InputWithSuffix, Select, SwitchField } from "../../components/field.tsx";
import { Panel } from "../../components/panel.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { useMay } from "../access/role-provider.tsx";
import { AddDraftButton, RemoveDraftButton } from "./draft-buttons.tsx";
import { SaveForm } from "./save-form.tsx";
import { SmarthostChangeNote } from "./smarthost-change-note.tsx";
import { emptySmarthost, SmarthostFields, smarthostTyped, type TypedSmarthost } from "./smarthost-fields.tsx";
import type { SettingsPart } from "./stack-settings-panels.tsx";
import { TestSmarthost } from "./test-smarthost.tsx";
import { useDrafts } from "./use-drafts.ts";
import { useServerCache } from "./use-server-cache.ts";

interface SmarthostDraft extends TypedSmarthost {
  /** "domain", the standby, or `provider:` and its id. */
  kind: string;
  domain: string;
  percent: string;
  isAutomatic: boolean;
  isDirect: boolean;
}

const domainKind = "domain";
const wholeShare = "100";

const newSmarthost: SmarthostDraft = {
  kind: standbyRelay,
  domain: "",
  percent: wholeShare,
  isAutomatic: false,
  isDirect: false,
  ...emptySmarthost,
};

/** Where mail goes because of who receives it, and what measures may lead through. */
export function SmarthostsPanel({ serverId, settings }: SettingsPart) {
  const { t } = useWords();
  const may = useMay();
  const trpc = useTRPC();
  const cache = useServerCache();
  const smarthosts = useDrafts<SmarthostDraft>(() => settings.smarthosts.map(draftOf));
  const save = useMutation(trpc.servers.setSmarthosts.mutationOptions({ onSuccess: () => cache.refresh() }));
  const [isUntested, setIsUntested] = useState(false);
  const { drafts } = smarthosts;
  if (drafts.length === 0 && !may("servers.setSmarthosts")) return null;
  return (
    <Panel id="smarthosts" title={t("smarthosts.title")} description={t("smarthosts.lead")}>
      <SmarthostChangeNote serverId={serverId} concerns="receivers" />
      <SaveForm
        use="servers.setSmarthosts"
        save={save}
        isDisabled={drafts.length === 0 && settings.smarthosts.length === 0}
        onSave={() => save.mutate({ serverId, smarthosts: drafts.map(smarthostOf), isUntested })}
      >
        {drafts.map((draft) => (
          <ReceiverFields
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
        {drafts.length === 0 ? null : (
          <SwitchField label={t("smarthosts.untested")} isOn={isUntested} onChange={setIsUntested} />
        )}
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
    smarthost: draft.kind === domainKind && draft.isDirect ? null : smarthostTyped(draft),
  };
}

interface FieldsProps {
  serverId: string;
  draft: SmarthostDraft;
  onChange: (values: Partial<SmarthostDraft>) => void;
  onRemove: () => void;
}

function ReceiverFields({ serverId, draft, onChange, onRemove }: FieldsProps) {
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
          <SmarthostFields draft={draft} onChange={onChange} />
          <TestSmarthost
            serverId={serverId}
            keptFor={{ of: "receivers", name: nameOf(draft) }}
            smarthost={smarthostTyped(draft)}
          />
        </>
      )}
    </fieldset>
  );
}
