"use client";
import type { TlsException } from "@mailstead/core/servers";
import { useMutation } from "@tanstack/react-query";
import { useTRPC } from "../../client/trpc.tsx";
import { Field, Input } from "../../components/field.tsx";
import { Panel } from "../../components/panel.tsx";
import { useNow } from "../../components/time.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { useMay } from "../access/role-provider.tsx";
import { AddDraftButton, RemoveDraftButton } from "./draft-buttons.tsx";
import { SaveForm } from "./save-form.tsx";
import type { SettingsPart } from "./stack-settings-panels.tsx";
import { useDrafts } from "./use-drafts.ts";
import { useServerCache } from "./use-server-cache.ts";

interface Draft {
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
  const exceptions = useDrafts<Draft>(() => tlsExceptions);
  const save = useMutation(
    trpc.servers.setTlsExceptions.mutationOptions({ onSuccess: () => cache.refresh() }),
  );
  const { drafts } = exceptions;
  const keep = () => {
    const typed = drafts.map(({ domain, reason, until }) => ({
      domain: domain.trim(),
      reason: reason.trim(),
      until,
    }));
    save.mutate({ serverId, exceptions: typed as TlsException[] });
  };
  const proposedEnd = new Date(now.getTime() + proposedDays * dayMs).toISOString().slice(0, 10);
  if (drafts.length === 0 && !may("servers.setTlsExceptions")) return null;
  return (
    <Panel id="tls-exceptions" title={t("tls-exceptions.title")} description={t("tls-exceptions.lead")}>
      <SaveForm
        use="servers.setTlsExceptions"
        save={save}
        isDisabled={drafts.length === 0 && tlsExceptions.length === 0}
        onSave={keep}
      >
        {drafts.map((draft) => (
          <ExceptionFields
            key={draft.id}
            draft={draft}
            onChange={(values) => exceptions.change(draft.id, values)}
            onRemove={() => exceptions.remove(draft.id)}
          />
        ))}
        <AddDraftButton
          use="servers.setTlsExceptions"
          label={t("tls-exceptions.add")}
          onClick={() => exceptions.add({ domain: "", reason: "", until: proposedEnd })}
        />
      </SaveForm>
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
        <RemoveDraftButton
          use="servers.setTlsExceptions"
          label={t("tls-exceptions.remove", { domain: draft.domain })}
          onClick={onRemove}
        />
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
