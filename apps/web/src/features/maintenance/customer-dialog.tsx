"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useId, useState } from "react";
import { useTRPC } from "../../client/trpc.tsx";
import { Button } from "../../components/button.tsx";
import { Dialog, DialogActions } from "../../components/dialog.tsx";
import { Field, Input, Select } from "../../components/field.tsx";
import { ProblemNote } from "../../components/problem-note.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { clockText, minuteOf } from "../alerts/clock-text.ts";
import { type Customer, type MaintenanceWindow, weekdayNames } from "./window-text.ts";

interface CustomerDialogProps {
  customer: Customer;
  isOpen: boolean;
  onOpenChange: (isOpen: boolean) => void;
}

/** Asks when a customer's servers may be changed, and what is brought to them by itself. */
export function CustomerDialog({ customer, isOpen, onOpenChange }: CustomerDialogProps) {
  const { t } = useWords();
  return (
    <Dialog
      isOpen={isOpen}
      onOpenChange={onOpenChange}
      title={customer.tenantName}
      description={t("maintenance.customer-lead")}
    >
      <CustomerForm customer={customer} onEnd={() => onOpenChange(false)} />
    </Dialog>
  );
}

const sundayNight: MaintenanceWindow = { weekdays: [7], fromMinute: 120, untilMinute: 300 };
const updateKinds = ["none", "security", "all"] as const;

function CustomerForm({ customer, onEnd }: { customer: Customer; onEnd: () => void }) {
  const { t } = useWords();
  const { tenantId } = customer;
  const [windows, setWindows] = useState(() => customer.windows.map((window, key) => ({ ...window, key })));
  const [updates, setUpdates] = useState<(typeof updateKinds)[number]>(customer.policy?.updates ?? "none");
  const save = useSave(onEnd);
  const zones = useId();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const policy = updates === "none" ? null : { updates, canaryDays: Number(form.get("canaryDays")) };
    save.run({
      times: {
        tenantId,
        timeZone: String(form.get("timeZone")),
        windows: windows.map(({ key: _key, ...window }) => window),
      },
      policy: { tenantId, policy },
    });
  };
  const change = (key: number, changed: Partial<MaintenanceWindow>) =>
    setWindows((all) => all.map((window) => (window.key === key ? { ...window, ...changed } : window)));
  return (
    <form onSubmit={submit} className="grid gap-5" autoComplete="off">
      <fieldset className="grid gap-3">
        <legend className="mb-1.5 font-medium text-table">{t("maintenance.windows")}</legend>
        {windows.length === 0 ? (
          <p className="text-ink-3 text-table">{t("maintenance.any-time")}</p>
        ) : (
          windows.map((window) => (
            <WindowFields
              key={window.key}
              window={window}
              onChange={(changed) => change(window.key, changed)}
              onRemove={() => setWindows((all) => all.filter(({ key }) => key !== window.key))}
            />
          ))
        )}
        <Button
          size="small"
          className="w-fit"
          onClick={() =>
            setWindows((all) => [
              ...all,
              { ...sundayNight, key: Math.max(0, ...all.map(({ key }) => key)) + 1 },
            ])
          }
        >
          {t("maintenance.window.add")}
        </Button>
      </fieldset>
      <Field label={t("maintenance.zone")}>
        <Input name="timeZone" defaultValue={customer.timeZone} required list={zones} />
      </Field>
      <datalist id={zones}>
        {Intl.supportedValuesOf("timeZone").map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <div className="grid grid-cols-2 gap-4">
        <Field label={t("maintenance.policy")}>
          <Select
            value={updates}
            onChange={(event) => setUpdates(updateKinds.find((one) => one === event.target.value) ?? "none")}
          >
            {updateKinds.map((one) => (
              <option key={one} value={one}>
                {t(`maintenance.policy.${one}`)}
              </option>
            ))}
          </Select>
        </Field>
        {updates === "none" ? null : (
          <Field label={t("maintenance.canary-days")} hint={t("maintenance.canary-days-hint")}>
            <Input
              name="canaryDays"
              type="number"
              min={0}
              max={30}
              required
              defaultValue={customer.policy?.canaryDays ?? 2}
            />
          </Field>
        )}
      </div>
      <ProblemNote error={save.error} />
      <DialogActions>
        <Button onClick={onEnd}>{t("controls.cancel")}</Button>
        <Button type="submit" look="primary" isBusy={save.isBusy}>
          {t("maintenance.save")}
        </Button>
      </DialogActions>
    </form>
  );
}

function WindowFields({
  window: { weekdays, fromMinute, untilMinute },
  onChange,
  onRemove,
}: {
  window: MaintenanceWindow;
  onChange: (changed: Partial<MaintenanceWindow>) => void;
  onRemove: () => void;
}) {
  const { t, locale } = useWords();
  const [short, long] = [weekdayNames(locale, "short"), weekdayNames(locale, "long")];
  const timeField = (label: string, minute: number, take: (minute: number) => void) => (
    <Field label={label}>
      <Input
        type="time"
        required
        value={clockText(minute)}
        onChange={(event) => take(minuteOf(event.target.value) ?? minute)}
      />
    </Field>
  );
  return (
    <div className="grid gap-2.5 rounded-ui border border-line p-3">
      <div className="flex flex-wrap gap-1.5">
        {short.map((name, at) => {
          const day = at + 1;
          const isOn = weekdays.includes(day);
          return (
            <button
              key={name}
              type="button"
              aria-pressed={isOn}
              aria-label={long[at]}
              className="h-8 min-w-11 rounded-ui border border-control bg-surface px-2 text-table aria-pressed:border-accent-fill aria-pressed:bg-accent-fill aria-pressed:text-on-accent"
              onClick={() =>
                onChange({ weekdays: isOn ? weekdays.filter((one) => one !== day) : [...weekdays, day] })
              }
            >
              {name}
            </button>
          );
        })}
      </div>
      <div className="flex flex-wrap items-end gap-3">
        {timeField(t("maintenance.window.from"), fromMinute, (minute) => onChange({ fromMinute: minute }))}
        {timeField(t("maintenance.window.until"), untilMinute, (minute) => onChange({ untilMinute: minute }))}
        <Button size="small" look="quiet-danger" onClick={onRemove}>
          {t("maintenance.window.remove")}
        </Button>
      </div>
    </div>
  );
}

/** Saves both halves of the form, the second only when the first was taken. */
function useSave(onEnd: () => void) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const times = useMutation(trpc.maintenance.setTimes.mutationOptions());
  const policy = useMutation(trpc.maintenance.setPolicy.mutationOptions());
  return {
    isBusy: times.isPending || policy.isPending,
    error: times.error ?? policy.error,
    run(wanted: { times: Parameters<typeof times.mutate>[0]; policy: Parameters<typeof policy.mutate>[0] }) {
      times.mutate(wanted.times, {
        onSuccess: () =>
          policy.mutate(wanted.policy, {
            onSuccess: async () => {
              await queryClient.invalidateQueries({ queryKey: trpc.maintenance.pathKey() });
              onEnd();
            },
          }),
      });
    },
  };
}
