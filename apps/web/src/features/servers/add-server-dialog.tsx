"use client";
import { hostNameSchema } from "@mailstead/core/domains";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTRPC } from "../../client/trpc.tsx";
import { Button } from "../../components/button.tsx";
import { Dialog, DialogActions } from "../../components/dialog.tsx";
import { Field, Input } from "../../components/field.tsx";
import { ProblemNote } from "../../components/problem-note.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { type TenantChoice, TenantField, useTenantChoice } from "../tenants/tenant-field.tsx";
import { type Enrolment, EnrolmentWait } from "./enrolment-wait.tsx";

export interface AddServerDialogProps {
  isOpen: boolean;
  onOpenChange: (isOpen: boolean) => void;
}

/** Names a server, hands out its one command, and turns live when the host calls. */
export function AddServerDialog({ isOpen, onOpenChange }: AddServerDialogProps) {
  const { t } = useWords();
  const [added, setAdded] = useState<{ enrolment: Enrolment; name: string } | null>(null);
  const [isOnline, setOnline] = useState(false);
  const change = (next: boolean) => {
    onOpenChange(next);
    if (next) return;
    setAdded(null);
    setOnline(false);
  };
  const lead = added === null ? t("add-server.lead") : isOnline ? undefined : t("add-server.command-lead");
  return (
    <Dialog
      isOpen={isOpen}
      onOpenChange={change}
      width={added === null ? "narrow" : "wide"}
      title={
        added === null || isOnline
          ? t("add-server.title")
          : t("add-server.command-title", { name: added.name })
      }
      description={lead}
    >
      {added === null ? (
        <AddServerForm
          onAdded={(enrolment, name) => setAdded({ enrolment, name })}
          onCancel={() => change(false)}
        />
      ) : (
        <EnrolmentWait
          first={added.enrolment}
          name={added.name}
          onOnline={() => setOnline(true)}
          onClose={() => change(false)}
        />
      )}
    </Dialog>
  );
}

function AddServerForm({
  onAdded,
  onCancel,
}: {
  onAdded: (enrolment: Enrolment, name: string) => void;
  onCancel: () => void;
}) {
  const { t } = useWords();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const tenant: TenantChoice = useTenantChoice();
  const [hostnameProblem, setHostnameProblem] = useState<string | null>(null);
  const add = useMutation(
    trpc.servers.add.mutationOptions({
      onSuccess: () => queryClient.invalidateQueries({ queryKey: trpc.servers.pathKey() }),
    }),
  );
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const hostname = String(form.get("hostname")).trim().toLowerCase();
    const name = String(form.get("name")).trim() || hostname;
    const parsed = hostNameSchema.safeParse(hostname);
    setHostnameProblem(parsed.success ? null : capital(parsed.error.issues[0]?.message ?? ""));
    if (!parsed.success) return;
    const tenantId = await tenant.resolve();
    if (tenantId === null) return;
    add.mutate({ tenantId, name, hostname }, { onSuccess: (enrolment) => onAdded(enrolment, name) });
  };
  return (
    <form onSubmit={(event) => void submit(event)} className="grid gap-4">
      <TenantField choice={tenant} />
      <Field label={t("add-server.hostname")} hint={t("add-server.hostname-hint")} problem={hostnameProblem}>
        <Input
          name="hostname"
          required
          autoCapitalize="none"
          autoComplete="off"
          spellCheck={false}
          className="font-mono text-table"
        />
      </Field>
      <Field label={t("add-server.name")} hint={t("add-server.name-hint")}>
        <Input name="name" required maxLength={100} autoComplete="off" />
      </Field>
      <ProblemNote error={add.error ?? tenant.error} />
      <DialogActions>
        <Button onClick={onCancel}>{t("controls.cancel")}</Button>
        <Button type="submit" look="primary" isBusy={add.isPending || tenant.isBusy}>
          {t("add-server.action")}
        </Button>
      </DialogActions>
    </form>
  );
}

function capital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
