"use client";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, type ReactNode, useState } from "react";
import type { RouterOutputs } from "../../client/router-types.ts";
import { useTRPC } from "../../client/trpc.tsx";
import { Button } from "../../components/button.tsx";
import { DialogActions } from "../../components/dialog.tsx";
import { Field, Input, Select } from "../../components/field.tsx";
import { ProblemNote } from "../../components/problem-note.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { severities, topics, wishOfForm } from "./channel-wish.ts";
import { clockText } from "./clock-text.ts";

type Channel = RouterOutputs["alerts"]["settings"]["channels"][number];
interface Target {
  target: { kind: "mail"; recipient: string } | { kind: "webhook"; url: string };
  tenantId: string | null;
}
type Wish = ReturnType<typeof wishOfForm>;

const kinds = ["mail", "webhook"] as const;

/** What a channel is told and when not; of a new one also where it leads, which never changes after. */
export function ChannelForm({
  before,
  timeZone,
  canSendMail,
  isBusy,
  error,
  onSubmit,
  onEnd,
}: {
  timeZone: string;
  canSendMail: boolean;
  isBusy: boolean;
  error: Parameters<typeof ProblemNote>[0]["error"];
  onEnd: () => void;
} & (
  | { before: null; onSubmit: (wish: Wish, target: Target) => void }
  | { before: Channel; onSubmit: (wish: Wish) => void }
)) {
  const { t } = useWords();
  const [kind, setKind] = useState<(typeof kinds)[number]>("mail");
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string) => String(form.get(name) ?? "").trim();
    onSubmit(wishOfForm(text), {
      tenantId: text("tenantId") || null,
      target: kind === "mail" ? { kind, recipient: text("recipient") } : { kind, url: text("url") },
    });
  };
  const minutes = before?.quietHours ?? null;
  return (
    <form onSubmit={submit} className="grid gap-4" autoComplete="off">
      <Field label={t("alerts.name")}>
        <Input name="name" required maxLength={100} defaultValue={before?.name} />
      </Field>
      {before === null ? <TargetFields kind={kind} setKind={setKind} canSendMail={canSendMail} /> : null}
      <Field label={t("alerts.topic")}>
        <Select name="topic" defaultValue={before?.topic ?? "everything"}>
          {topics.map((topic) => (
            <option key={topic} value={topic}>
              {t(`alerts.topic.${topic}`)}
            </option>
          ))}
        </Select>
      </Field>
      <Field label={t("alerts.least")}>
        <SeveritySelect name="least" initial={before?.leastSeverity ?? "warning"} />
      </Field>
      <div className="grid grid-cols-2 gap-4">
        <Field label={t("alerts.quiet-from")} hint={t("alerts.quiet-hint", { zone: timeZone })}>
          <Input
            name="quietFrom"
            type="time"
            defaultValue={minutes === null ? "" : clockText(minutes.fromMinute)}
          />
        </Field>
        <Field label={t("alerts.quiet-until")}>
          <Input
            name="quietUntil"
            type="time"
            defaultValue={minutes === null ? "" : clockText(minutes.untilMinute)}
          />
        </Field>
      </div>
      <Field label={t("alerts.breaks")}>
        <SeveritySelect name="breaks" initial={before === null ? "error" : (before.breaksThrough ?? "")}>
          <option value="">{t("alerts.breaks.nothing")}</option>
        </SeveritySelect>
      </Field>
      <ProblemNote error={error} />
      <DialogActions>
        <Button onClick={onEnd}>{t("controls.cancel")}</Button>
        <Button type="submit" look="primary" isBusy={isBusy}>
          {t(before === null ? "alerts.add" : "alerts.edit.save")}
        </Button>
      </DialogActions>
    </form>
  );
}

function TargetFields({
  kind,
  setKind,
  canSendMail,
}: {
  kind: (typeof kinds)[number];
  setKind: (kind: (typeof kinds)[number]) => void;
  canSendMail: boolean;
}) {
  const { t } = useWords();
  const trpc = useTRPC();
  const tenants = useQuery(trpc.tenants.list.queryOptions());
  return (
    <>
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
    </>
  );
}

function SeveritySelect({
  name,
  initial,
  children,
}: {
  name: string;
  initial: (typeof severities)[number] | "";
  children?: ReactNode;
}) {
  const { t } = useWords();
  return (
    <Select name={name} defaultValue={initial}>
      {severities.map((one) => (
        <option key={one} value={one}>
          {t(`check.severity.${one}`)}
        </option>
      ))}
      {children}
    </Select>
  );
}
