"use client";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTRPC } from "../../client/trpc.tsx";
import { Field, Input, SwitchField } from "../../components/field.tsx";
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

interface RelayDraft extends TypedSmarthost {
  sendersOf: string;
  isDirect: boolean;
}

const newRelay: RelayDraft = { ...emptySmarthost, sendersOf: "", isDirect: false };

/** Where outgoing mail goes when it does not go straight to its receiver. */
export function RelaysPanel({ serverId, settings }: SettingsPart) {
  const { t } = useWords();
  const may = useMay();
  const trpc = useTRPC();
  const cache = useServerCache();
  const relays = useDrafts<RelayDraft>(() =>
    settings.relays.map(({ sendersOf, smarthost }) => ({
      ...emptySmarthost,
      sendersOf,
      isDirect: smarthost === null,
      ...(smarthost === null ? {} : { ...smarthost, port: String(smarthost.port) }),
    })),
  );
  const save = useMutation(trpc.servers.setRelays.mutationOptions({ onSuccess: () => cache.refresh() }));
  const [isUntested, setIsUntested] = useState(false);
  const { drafts } = relays;
  if (drafts.length === 0 && !may("servers.setRelays")) return null;
  return (
    <Panel id="relays" title={t("server-settings.relays")} description={t("server-settings.relays-note")}>
      <SmarthostChangeNote serverId={serverId} concerns="senders" />
      <SaveForm
        use="servers.setRelays"
        save={save}
        isDisabled={drafts.length === 0 && settings.relays.length === 0}
        onSave={() => save.mutate({ serverId, relays: drafts.map(relayOf), isUntested })}
      >
        {drafts.map((draft) => (
          <RelayFields
            key={draft.id}
            serverId={serverId}
            draft={draft}
            onChange={(values) => relays.change(draft.id, values)}
            onRemove={() => relays.remove(draft.id)}
          />
        ))}
        <AddDraftButton
          use="servers.setRelays"
          label={t("server-settings.relay-add")}
          onClick={() => relays.add({ ...newRelay, sendersOf: drafts.length === 0 ? "*" : "" })}
        />
        {drafts.length === 0 ? null : (
          <SwitchField label={t("smarthosts.untested")} isOn={isUntested} onChange={setIsUntested} />
        )}
      </SaveForm>
    </Panel>
  );
}

function relayOf(draft: RelayDraft) {
  return { sendersOf: draft.sendersOf.trim(), smarthost: draft.isDirect ? null : smarthostTyped(draft) };
}

interface RelayFieldsProps {
  serverId: string;
  draft: RelayDraft;
  onChange: (values: Partial<RelayDraft>) => void;
  onRemove: () => void;
}

function RelayFields({ serverId, draft, onChange, onRemove }: RelayFieldsProps) {
  const { t } = useWords();
  return (
    <fieldset className="grid gap-3 rounded-ui border border-line p-3">
      <legend className="sr-only">{`${t("server-settings.relay-senders")} ${draft.sendersOf}`}</legend>
      <div className="flex items-start gap-3">
        <Field
          label={t("server-settings.relay-senders")}
          hint={t("server-settings.relay-senders-hint")}
          className="flex-1"
        >
          <Input
            value={draft.sendersOf}
            onChange={(event) => onChange({ sendersOf: event.target.value })}
            required
            spellCheck={false}
            className="font-mono text-table"
          />
        </Field>
        <RemoveDraftButton
          use="servers.setRelays"
          label={t("server-settings.relay-remove", { senders: draft.sendersOf })}
          onClick={onRemove}
        />
      </div>
      <SwitchField
        label={t("server-settings.relay-direct")}
        isOn={draft.isDirect}
        onChange={(isDirect) => onChange({ isDirect })}
      />
      {draft.isDirect ? null : (
        <>
          <SmarthostFields draft={draft} onChange={onChange} />
          <TestSmarthost
            serverId={serverId}
            keptFor={{ of: "senders", name: draft.sendersOf.trim() }}
            smarthost={smarthostTyped(draft)}
          />
        </>
      )}
    </fieldset>
  );
}
