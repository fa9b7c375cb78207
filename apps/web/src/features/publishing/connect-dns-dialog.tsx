"use client";
import { type ProviderKind, providerKinds, providerNames } from "@mailstead/core/publishing";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTRPC } from "../../client/trpc.tsx";
import { Button } from "../../components/button.tsx";
import { Dialog, DialogActions } from "../../components/dialog.tsx";
import { Field, Input, Select, TextArea } from "../../components/field.tsx";
import { ProblemNote } from "../../components/problem-note.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { type ProviderField, providerFields, settingsFromForm } from "./provider-fields.ts";

export interface ConnectDnsDialogProps {
  isOpen: boolean;
  onOpenChange: (isOpen: boolean) => void;
}

/** Asks for exactly what one kind of provider needs, and says where to find it. */
export function ConnectDnsDialog({ isOpen, onOpenChange }: ConnectDnsDialogProps) {
  const { t } = useWords();
  return (
    <Dialog
      isOpen={isOpen}
      onOpenChange={onOpenChange}
      title={t("dns.connect.title")}
      description={t("dns.connect.lead")}
    >
      <ConnectDnsForm onEnd={() => onOpenChange(false)} />
    </Dialog>
  );
}

function ConnectDnsForm({ onEnd }: { onEnd: () => void }) {
  const { t } = useWords();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const tenants = useQuery(trpc.tenants.list.queryOptions());
  const [provider, setProvider] = useState<ProviderKind>("rfc2136");
  const connect = useMutation(
    trpc.publishing.connect.mutationOptions({
      onSuccess: async () => {
        await queryClient.invalidateQueries({ queryKey: trpc.publishing.pathKey() });
        onEnd();
      },
    }),
  );
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const tenantId = String(form.get("tenantId") ?? "");
    // The use case parses what was typed, and says which field is wrong.
    const settings = settingsFromForm(provider, form) as Parameters<typeof connect.mutate>[0]["settings"];
    connect.mutate({
      label: String(form.get("label")),
      tenantId: tenantId === "" ? null : tenantId,
      settings,
    });
  };
  return (
    <form onSubmit={submit} className="grid gap-4" autoComplete="off">
      <Field label={t("dns.provider")} hint={t(`dns.where.${provider}`)}>
        <Select
          name="provider"
          value={provider}
          onChange={(event) =>
            setProvider(providerKinds.find((kind) => kind === event.target.value) ?? provider)
          }
        >
          {providerKinds.map((kind) => (
            <option key={kind} value={kind}>
              {providerNames[kind]}
            </option>
          ))}
        </Select>
      </Field>
      <Field label={t("dns.label")}>
        <Input key={provider} name="label" required maxLength={100} defaultValue={providerNames[provider]} />
      </Field>
      <Field label={t("dns.tenant")}>
        <Select name="tenantId" defaultValue="">
          <option value="">{t("dns.every-tenant")}</option>
          {(tenants.data ?? []).map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </Select>
      </Field>
      {providerFields[provider].map((field) => (
        <Field key={`${provider} ${field.name}`} label={t(field.label)}>
          <ProviderControl field={field} />
        </Field>
      ))}
      <ProblemNote error={connect.error} />
      <DialogActions>
        <Button onClick={onEnd}>{t("controls.cancel")}</Button>
        <Button type="submit" look="primary" isBusy={connect.isPending}>
          {t("dns.connect.action")}
        </Button>
      </DialogActions>
    </form>
  );
}

function ProviderControl({ field }: { field: ProviderField }) {
  const { name, isSecret, choices, initial, isList } = field;
  if (choices !== undefined)
    return (
      <Select name={name} defaultValue={choices[0] ?? ""}>
        {choices.map((choice) => (
          <option key={choice} value={choice}>
            {choice}
          </option>
        ))}
      </Select>
    );
  if (isList) return <TextArea name={name} required spellCheck={false} className="font-mono text-table" />;
  return (
    <Input
      name={name}
      required
      type={isSecret ? "password" : "text"}
      // Credentials of a provider are not for the browser to remember.
      autoComplete={isSecret ? "new-password" : "off"}
      autoCapitalize="none"
      spellCheck={false}
      defaultValue={initial ?? ""}
      className="font-mono text-table"
    />
  );
}
