"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTRPC } from "../../client/trpc.tsx";
import { Button } from "../../components/button.tsx";
import { Dialog, DialogActions } from "../../components/dialog.tsx";
import { Field, Input, Select } from "../../components/field.tsx";
import { Panel } from "../../components/panel.tsx";
import { ProblemNote } from "../../components/problem-note.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { IfMay } from "../access/role-provider.tsx";
import type { Customer } from "./window-text.ts";

/** Days on which nothing is changed, of one customer or of all. */
export function FreezesPanel({ customers }: { customers: readonly Customer[] }) {
  const { t, format } = useWords();
  // A day is the same day wherever it is read.
  const dayText = (day: string) => format.day(new Date(`${day}T12:00:00`));
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const [isAdding, setAdding] = useState(false);
  const freezes = useQuery(trpc.maintenance.freezes.queryOptions()).data ?? [];
  const again = { onSuccess: () => queryClient.invalidateQueries({ queryKey: trpc.maintenance.pathKey() }) };
  const remove = useMutation(trpc.maintenance.removeFreeze.mutationOptions(again));
  return (
    <Panel
      title={t("maintenance.freezes")}
      description={t("maintenance.freezes-lead")}
      isFlush
      actions={
        <IfMay use="maintenance.addFreeze">
          <Button size="small" onClick={() => setAdding(true)}>
            {t("maintenance.freeze.add")}
          </Button>
        </IfMay>
      }
    >
      {freezes.length === 0 ? (
        <p className="px-4 py-3.5 text-ink-3 text-table">{t("maintenance.no-freezes")}</p>
      ) : (
        <ul>
          {freezes.map(({ id, fromDay, untilDay, reason, tenantName, madeBy }) => (
            <li
              key={id}
              className="flex items-start justify-between gap-4 border-line border-b px-4 py-3 text-table last:border-b-0"
            >
              <div className="grid min-w-0 flex-1 gap-0.5">
                <span className="font-medium [overflow-wrap:anywhere]">{reason}</span>
                <span className="text-ink-3 text-meta">
                  {fromDay === untilDay ? dayText(fromDay) : `${dayText(fromDay)} – ${dayText(untilDay)}`} ·{" "}
                  {tenantName ?? t("alerts.every-tenant")} · {madeBy}
                </span>
              </div>
              <IfMay use="maintenance.removeFreeze">
                <Button
                  size="small"
                  look="quiet-danger"
                  isBusy={remove.isPending && remove.variables.freezeId === id}
                  aria-label={t("maintenance.freeze.remove-named", { reason })}
                  onClick={() => remove.mutate({ freezeId: id })}
                >
                  {t("maintenance.freeze.remove")}
                </Button>
              </IfMay>
            </li>
          ))}
        </ul>
      )}
      <ProblemNote error={remove.error} />
      <AddFreezeDialog customers={customers} isOpen={isAdding} onOpenChange={setAdding} />
    </Panel>
  );
}

function AddFreezeDialog({
  customers,
  isOpen,
  onOpenChange,
}: {
  customers: readonly Customer[];
  isOpen: boolean;
  onOpenChange: (isOpen: boolean) => void;
}) {
  const { t } = useWords();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const add = useMutation(
    trpc.maintenance.addFreeze.mutationOptions({
      onSuccess: async () => {
        await queryClient.invalidateQueries({ queryKey: trpc.maintenance.pathKey() });
        onOpenChange(false);
      },
    }),
  );
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string) => String(form.get(name) ?? "").trim();
    add.mutate({
      fromDay: text("fromDay"),
      untilDay: text("untilDay") || text("fromDay"),
      reason: text("reason"),
      tenantId: text("tenantId") || null,
    });
  };
  return (
    <Dialog
      isOpen={isOpen}
      onOpenChange={onOpenChange}
      title={t("maintenance.freeze.add")}
      description={t("maintenance.freeze.lead")}
    >
      <form onSubmit={submit} className="grid gap-4" autoComplete="off">
        <div className="grid grid-cols-2 gap-4">
          <Field label={t("maintenance.freeze.from")}>
            <Input name="fromDay" type="date" required />
          </Field>
          <Field label={t("maintenance.freeze.until")}>
            <Input name="untilDay" type="date" />
          </Field>
        </div>
        <Field label={t("maintenance.reason")}>
          <Input name="reason" required maxLength={300} />
        </Field>
        <Field label={t("alerts.tenant")}>
          <Select name="tenantId" defaultValue="">
            <option value="">{t("alerts.every-tenant")}</option>
            {customers.map(({ tenantId, tenantName }) => (
              <option key={tenantId} value={tenantId}>
                {tenantName}
              </option>
            ))}
          </Select>
        </Field>
        <ProblemNote error={add.error} />
        <DialogActions>
          <Button onClick={() => onOpenChange(false)}>{t("controls.cancel")}</Button>
          <Button type="submit" look="primary" isBusy={add.isPending}>
            {t("maintenance.freeze.add")}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
