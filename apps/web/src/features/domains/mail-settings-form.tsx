"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { RouterOutputs } from "../../client/router-types.ts";
import { useTRPC } from "../../client/trpc.tsx";
import { Field, TextArea } from "../../components/field.tsx";
import { SaveForm } from "../servers/save-form.tsx";
import type { Typed } from "./typed-mail-settings.ts";

export type DomainMailSettings = RouterOutputs["domains"]["mailSettings"];
type Settings = DomainMailSettings["settings"];

export interface SettingsPart {
  domainId: string;
  mail: DomainMailSettings;
}

/** A part of the settings with its own button; the others stay as they are. */
export function SettingsForm({
  domainId,
  mail,
  read,
  children,
}: SettingsPart & { read: (typed: Typed) => Partial<Settings>; children: ReactNode }) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const save = useMutation(
    trpc.domains.changeMailSettings.mutationOptions({
      onSuccess: () => queryClient.invalidateQueries({ queryKey: trpc.domains.pathKey() }),
    }),
  );
  const keep = (form: FormData) => {
    const part = read((field) => String(form.get(field) ?? ""));
    save.mutate({ domainId, settings: { ...mail.settings, ...part } });
  };
  return (
    <SaveForm
      use="domains.changeMailSettings"
      save={{ ...save, data: save.isSuccess ? { jobId: null } : undefined }}
      onSave={keep}
    >
      {children}
    </SaveForm>
  );
}

export interface ListFieldProps {
  name: string;
  label: string;
  hint: string;
  values: readonly string[];
}

/** A list that is typed one per line. */
export function ListField({ name, label, hint, values }: ListFieldProps) {
  return (
    <Field label={label} hint={hint}>
      <TextArea
        name={name}
        rows={2}
        defaultValue={values.join("\n")}
        spellCheck={false}
        autoCapitalize="none"
        className="font-mono text-table"
      />
    </Field>
  );
}
