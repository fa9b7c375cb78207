"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTRPC } from "../../client/trpc.tsx";
import { Button } from "../../components/button.tsx";
import { CopyBlock } from "../../components/copy-block.tsx";
import { Dialog, DialogActions } from "../../components/dialog.tsx";
import { Field, Input, Select } from "../../components/field.tsx";
import { ProblemNote } from "../../components/problem-note.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { minuteOf } from "./clock-text.ts";

interface AddChannelProps {
  timeZone: string;
  canSendMail: boolean;
}

const topics = ["everything", "deliverability", "fleet"] as const;
const severities = ["error", "warning", "instruction"] as const;
const kinds = ["mail", "webhook"] as const;

/** Asks where to tell, what, and when not; shows the secret of a webhook once. */
export function AddChannelDialog({
  isOpen,
  onOpenChange,
  ...props
}: AddChannelProps & { isOpen: boolean; onOpenChange: (isOpen: boolean) => void }) {
  const { t } = useWords();
  const [secret, setSecret] = useState<string | null>(null);
  const end = () => {
    setSecret(null);
    onOpenChange(false);
  };
  return (
    <Dialog
      isOpen={isOpen}
      onOpenChange={(wanted) => (wanted ? onOpenChange(true) : end())}
      title={t(secret === null ? "alerts.add.title" : "alerts.secret.title")}
      description={t(secret === null ? "alerts.add.lead" : "alerts.secret.lead")}
    >
      {secret === null ? (
        <AddChannelForm
          {...props}
          onAdded={(made) => (made === null ? end() : setSecret(made))}
          onEnd={end}
        />
      ) : (
        <div className="grid gap-4">
          <CopyBlock text={secret} what={t("alerts.secret.what")} />
          <DialogActions>
            <Button look="primary" onClick={end}>
              {t("alerts.secret.done")}
            </Button>
          </DialogActions>
        </div>
      )}
    </Dialog>
  );
}

function AddChannelForm({
  timeZone,
  canSendMail,
  onAdded,
  onEnd,
}: AddChannelProps & { onAdded: (secret: string | null) => void; onEnd: () => void }) {
  const { t } = useWords();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const tenants = useQuery(trpc.tenants.list.queryOptions());
  const [kind, setKind] = useState<(typeof kinds)[number]>("mail");
  const add = useMutation(
    trpc.alerts.add.mutationOptions({
      onSuccess: async ({ secret }) => {
        await queryClient.invalidateQueries({ queryKey: trpc.alerts.pathKey() });
        onAdded(secret);
      },
    }),
  );
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string) => String(form.get(name) ?? "").trim();
    const [fromMinute, untilMinute] = [minuteOf(text("quietFrom")), minuteOf(text("quietUntil"))];
    add.mutate({
      name: text("name"),
      tenantId: text("tenantId") || null,
      target: kind === "mail" ? { kind, recipient: text("recipient") } : { kind, url: text("url") },
      topic: topics.find((topic) => topic === text("topic")) ?? "everything",
      leastSeverity: severities.find((one) => one === text("least")) ?? "warning",
      quietHours: fromMinute === null || untilMinute === null ? null : { fromMinute, untilMinute },
      breaksThrough: severities.find((one) => one === text("breaks")) ?? null,
    });
  };
  return (
    <form onSubmit={submit} className="grid gap-4" autoComplete="off">
      <Field label={t("alerts.name")}>
        <Input name="name" required maxLength={100} />
      </Field>
      <Field
        label={t("alerts.kind")}
        hint={kind === "mail" && !canSendMail ? t("alerts.cannot-mail") : undefined}
      >
        <Select
          value={kind}
          onChange={(event) => setKind(kinds.find((one) => one === event.target.value) ?? kind)}
        >
          {kinds.map((one) => (
            <option key={one} value={one}>
              {t(`alerts.kind.${one}`)}
            </option>
          ))}
        </Select>
      </Field>
      {kind === "mail" ? (
        <Field label={t("alerts.recipient")}>
          <Input name="recipient" type="email" required maxLength={254} />
        </Field>
      ) : (
        <Field label={t("alerts.url")} hint={t("alerts.url-hint")}>
          <Input name="url" type="url" required maxLength={2000} placeholder="https://" />
        </Field>
      )}
      <Field label={t("alerts.tenant")}>
        <Select name="tenantId" defaultValue="">
          <option value="">{t("alerts.every-tenant")}</option>
          {(tenants.data ?? []).map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </Select>
      </Field>
      <Field label={t("alerts.topic")}>
        <Select name="topic" defaultValue="everything">
          {topics.map((topic) => (
            <option key={topic} value={topic}>
              {t(`alerts.topic.${topic}`)}
            </option>
          ))}
        </Select>
      </Field>
      <Field label={t("alerts.least")}>
        <SeveritySelect name="least" initial="warning" />
      </Field>
      <div className="grid grid-cols-2 gap-4">
        <Field label={t("alerts.quiet-from")} hint={t("alerts.quiet-hint", { zone: timeZone })}>
          <Input name="quietFrom" type="time" />
        </Field>
        <Field label={t("alerts.quiet-until")}>
          <Input name="quietUntil" type="time" />
        </Field>
      </div>
      <Field label={t("alerts.breaks")}>
        <SeveritySelect name="breaks" initial="error" canBeNothing />
      </Field>
      <ProblemNote error={add.error} />
      <DialogActions>
        <Button onClick={onEnd}>{t("controls.cancel")}</Button>
        <Button type="submit" look="primary" isBusy={add.isPending}>
          {t("alerts.add")}
        </Button>
      </DialogActions>
    </form>
  );
}

function SeveritySelect({
  name,
  initial,
  canBeNothing = false,
}: {
  name: string;
  initial: (typeof severities)[number];
  canBeNothing?: boolean;
}) {
  const { t } = useWords();
  return (
    <Select name={name} defaultValue={initial}>
      {severities.map((one) => (
        <option key={one} value={one}>
          {t(`check.severity.${one}`)}
        </option>
      ))}
      {canBeNothing ? <option value="">{t("alerts.breaks.nothing")}</option> : null}
    </Select>
  );
}
