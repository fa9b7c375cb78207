"use client";
import { useMutation } from "@tanstack/react-query";
import { useTRPC } from "../../client/trpc.tsx";
import { Field, Input, SwitchField } from "../../components/field.tsx";
import { Panel } from "../../components/panel.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { useMay } from "../access/role-provider.tsx";
import { AddDraftButton, RemoveDraftButton } from "./draft-buttons.tsx";
import { SaveForm } from "./save-form.tsx";
import type { SettingsPart } from "./stack-settings-panels.tsx";
import { useDrafts } from "./use-drafts.ts";
import { useServerCache } from "./use-server-cache.ts";

interface RelayDraft {
  sendersOf: string;
  isDirect: boolean;
  host: string;
  port: string;
  username: string;
  password: string;
  hasPassword: boolean;
  verifiesCertificate: boolean;
}

const submissionPort = "587";

const newRelay: RelayDraft = {
  sendersOf: "",
  isDirect: false,
  host: "",
  port: submissionPort,
  username: "",
  password: "",
  hasPassword: false,
  verifiesCertificate: true,
};

/** Where outgoing mail goes when it does not go straight to its receiver. */
export function RelaysPanel({ serverId, settings }: SettingsPart) {
  const { t } = useWords();
  const may = useMay();
  const trpc = useTRPC();
  const cache = useServerCache();
  const relays = useDrafts<RelayDraft>(() =>
    settings.relays.map(({ sendersOf, smarthost }) => ({
      sendersOf,
      isDirect: smarthost === null,
      host: smarthost?.host ?? "",
      port: String(smarthost?.port ?? submissionPort),
      username: smarthost?.username ?? "",
      password: "",
      hasPassword: smarthost?.hasPassword ?? false,
      verifiesCertificate: smarthost?.verifiesCertificate ?? true,
    })),
  );
  const save = useMutation(trpc.servers.setRelays.mutationOptions({ onSuccess: () => cache.refresh() }));
  const { drafts } = relays;
  if (drafts.length === 0 && !may("servers.setRelays")) return null;
  return (
    <Panel id="relays" title={t("server-settings.relays")} description={t("server-settings.relays-note")}>
      <SaveForm
        use="servers.setRelays"
        save={save}
        isDisabled={drafts.length === 0 && settings.relays.length === 0}
        onSave={() => save.mutate({ serverId, relays: drafts.map(relayOf) })}
      >
        {drafts.map((draft) => (
          <RelayFields
            key={draft.id}
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
      </SaveForm>
    </Panel>
  );
}

function relayOf(draft: RelayDraft) {
  const { username, password } = draft;
  return {
    sendersOf: draft.sendersOf.trim(),
    smarthost: draft.isDirect
      ? null
      : {
          host: draft.host.trim(),
          port: Number(draft.port),
          verifiesCertificate: draft.verifiesCertificate,
          ...(username === "" ? {} : { username }),
          ...(password === "" ? {} : { password }),
        },
  };
}

interface RelayFieldsProps {
  draft: RelayDraft;
  onChange: (values: Partial<RelayDraft>) => void;
  onRemove: () => void;
}

function RelayFields({ draft, onChange, onRemove }: RelayFieldsProps) {
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
          <Field label={t("server-settings.relay-user")}>
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
      )}
    </fieldset>
  );
}
