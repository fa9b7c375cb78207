"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { FormEvent, ReactNode } from "react";
import type { RouterOutputs } from "../../client/router-types.ts";
import { useTRPC } from "../../client/trpc.tsx";
import { Field, TextArea } from "../../components/field.tsx";
import { SaveBar } from "../servers/saved-note.tsx";
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
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const part = read((field) => String(form.get(field) ?? ""));
    save.mutate({ domainId, settings: { ...mail.settings, ...part } });
  };
  return (
    <form onSubmit={submit} className="grid gap-4">
      {children}
      <SaveBar save={{ ...save, data: save.isSuccess ? { jobId: null } : undefined }} />
    </form>
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
