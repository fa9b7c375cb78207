"use client";
import { useMutation } from "@tanstack/react-query";
import { Plus, Trash2 } from "lucide-react";
import { type FormEvent, useState } from "react";
import { useTRPC } from "../../client/trpc.tsx";
import { Button, IconButton } from "../../components/button.tsx";
import { Field, Input, SwitchField } from "../../components/field.tsx";
import { Panel } from "../../components/panel.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { ForRole, useMay } from "../access/role-provider.tsx";
import { SaveBar } from "./saved-note.tsx";
import type { SettingsPart } from "./stack-settings-panels.tsx";
import { useServerCache } from "./use-server-cache.ts";

interface RelayDraft {
  id: number;
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

/** Where outgoing mail goes when it does not go straight to its receiver. */
export function RelaysPanel({ serverId, settings }: SettingsPart) {
  const { t } = useWords();
  const may = useMay();
  const trpc = useTRPC();
  const cache = useServerCache();
  const [drafts, setDrafts] = useState<readonly RelayDraft[]>(() =>
    settings.relays.map(({ sendersOf, smarthost }, id) => ({
      id,
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
  const change = (id: number, values: Partial<RelayDraft>) =>
    setDrafts(drafts.map((draft) => (draft.id === id ? { ...draft, ...values } : draft)));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate({ serverId, relays: drafts.map(relayOf) });
  };
  const addDraft = () =>
    setDrafts([
      ...drafts,
      {
        id: Math.max(0, ...drafts.map((draft) => draft.id)) + 1,
        sendersOf: drafts.length === 0 ? "*" : "",
        isDirect: false,
        host: "",
        port: submissionPort,
        username: "",
        password: "",
        hasPassword: false,
        verifiesCertificate: true,
      },
    ]);
  if (drafts.length === 0 && !may("technician")) return null;
  return (
    <Panel id="relays" title={t("server-settings.relays")} description={t("server-settings.relays-note")}>
      <form onSubmit={submit} className="grid gap-4">
        {drafts.map((draft) => (
          <RelayFields
            key={draft.id}
            draft={draft}
            onChange={(values) => change(draft.id, values)}
            onRemove={() => setDrafts(drafts.filter((each) => each.id !== draft.id))}
          />
        ))}
        <ForRole needed="technician">
          <Button size="small" className="justify-self-start" onClick={addDraft}>
            <Plus aria-hidden="true" className="size-3.5" />
            {t("server-settings.relay-add")}
          </Button>
        </ForRole>
        <SaveBar save={save} isDisabled={drafts.length === 0 && settings.relays.length === 0} />
      </form>
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
        <IconButton
          label={t("server-settings.relay-remove", { senders: draft.sendersOf })}
          look="quiet-danger"
          onClick={onRemove}
          className="mt-6.5"
        >
          <Trash2 aria-hidden="true" className="size-4" />
        </IconButton>
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
