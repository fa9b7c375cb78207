"use client";
import type { TlsException } from "@mailstead/core/servers";
import { useMutation } from "@tanstack/react-query";
import { Plus, Trash2 } from "lucide-react";
import { type FormEvent, useState } from "react";
import { useTRPC } from "../../client/trpc.tsx";
import { Button, IconButton } from "../../components/button.tsx";
import { Field, Input } from "../../components/field.tsx";
import { Panel } from "../../components/panel.tsx";
import { useNow } from "../../components/time.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { ForRole, useMay } from "../access/role-provider.tsx";
import { SaveBar } from "./saved-note.tsx";
import type { SettingsPart } from "./stack-settings-panels.tsx";
import { useServerCache } from "./use-server-cache.ts";

interface Draft {
  id: number;
  domain: string;
  reason: string;
  until: string;
}

const proposedDays = 14;
const dayMs = 86_400_000;

/** Receivers of whom less TLS is demanded for a time, each with its reason and its last day. */
export function TlsExceptionsPanel({ serverId, settings: { tlsExceptions } }: SettingsPart) {
  const { t } = useWords();
  const trpc = useTRPC();
  const cache = useServerCache();
  const now = useNow();
  const may = useMay();
  const [drafts, setDrafts] = useState<readonly Draft[]>(() =>
    tlsExceptions.map((exception, id) => ({ id, ...exception })),
  );
  const save = useMutation(
    trpc.servers.setTlsExceptions.mutationOptions({ onSuccess: () => cache.refresh() }),
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const exceptions = drafts.map(({ domain, reason, until }) => ({
      domain: domain.trim(),
      reason: reason.trim(),
      until,
    }));
    save.mutate({ serverId, exceptions: exceptions as TlsException[] });
  };
  const change = (id: number, values: Partial<Draft>) =>
    setDrafts(drafts.map((draft) => (draft.id === id ? { ...draft, ...values } : draft)));
  const addDraft = () =>
    setDrafts([
      ...drafts,
      {
        id: Math.max(-1, ...drafts.map((draft) => draft.id)) + 1,
        domain: "",
        reason: "",
        until: new Date(now.getTime() + proposedDays * dayMs).toISOString().slice(0, 10),
      },
    ]);
  if (drafts.length === 0 && !may("technician")) return null;
  return (
    <Panel id="tls-exceptions" title={t("tls-exceptions.title")} description={t("tls-exceptions.lead")}>
      <form onSubmit={submit} className="grid gap-4">
        {drafts.map((draft) => (
          <ExceptionFields
            key={draft.id}
            draft={draft}
            onChange={(values) => change(draft.id, values)}
            onRemove={() => setDrafts(drafts.filter((each) => each.id !== draft.id))}
          />
        ))}
        <ForRole needed="technician">
          <Button size="small" className="justify-self-start" onClick={addDraft}>
            <Plus aria-hidden="true" className="size-3.5" />
            {t("tls-exceptions.add")}
          </Button>
        </ForRole>
        <SaveBar save={save} isDisabled={drafts.length === 0 && tlsExceptions.length === 0} />
      </form>
    </Panel>
  );
}

function ExceptionFields({
  draft,
  onChange,
  onRemove,
}: {
  draft: Draft;
  onChange: (values: Partial<Draft>) => void;
  onRemove: () => void;
}) {
  const { t } = useWords();
  return (
    <fieldset className="grid gap-3 rounded-ui border border-line p-3">
      <legend className="sr-only">{`${t("tls-exceptions.domain")} ${draft.domain}`}</legend>
      <div className="flex items-start gap-3">
        <div className="grid min-w-0 flex-1 gap-3 sm:grid-cols-[minmax(0,1fr)_10rem]">
          <Field label={t("tls-exceptions.domain")}>
            <Input
              value={draft.domain}
              onChange={(event) => onChange({ domain: event.target.value })}
              required
              autoCapitalize="none"
              spellCheck={false}
              className="font-mono text-table"
            />
          </Field>
          <Field label={t("tls-exceptions.until")}>
            <Input
              value={draft.until}
              onChange={(event) => onChange({ until: event.target.value })}
              type="date"
              required
              className="text-table"
            />
          </Field>
        </div>
        <ForRole needed="technician">
          <IconButton
            label={t("tls-exceptions.remove", { domain: draft.domain })}
            look="quiet-danger"
            onClick={onRemove}
            className="mt-6.5"
          >
            <Trash2 aria-hidden="true" className="size-4" />
          </IconButton>
        </ForRole>
      </div>
      <Field label={t("tls-exceptions.reason")}>
        <Input
          value={draft.reason}
          onChange={(event) => onChange({ reason: event.target.value })}
          required
          maxLength={200}
          className="text-table"
        />
      </Field>
    </fieldset>
  );
}
