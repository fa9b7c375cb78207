"use client";
import { zoneRecordTypes, zoneTtl } from "@mailstead/core/zones";
import { useMutation } from "@tanstack/react-query";
import type { FormEvent } from "react";
import { useTRPC } from "../../client/trpc.tsx";
import { Button } from "../../components/button.tsx";
import { DialogActions } from "../../components/dialog.tsx";
import { Field, Input, Select, TextArea } from "../../components/field.tsx";
import { ProblemNote } from "../../components/problem-note.tsx";
import { useWords } from "../../components/words-provider.tsx";
import type { ZoneRecord } from "./zone-records-panel.tsx";

/** Adds a record of one's own to a zone, or puts it in the place of another. */
export function RecordForm({
  zoneId,
  record,
  onDone,
  onCancel,
}: {
  zoneId: string;
  record: ZoneRecord | null;
  onDone: () => Promise<void>;
  onCancel: () => void;
}) {
  const { t } = useWords();
  const trpc = useTRPC();
  const add = useMutation(trpc.zones.addRecords.mutationOptions({ onSuccess: onDone }));
  const change = useMutation(trpc.zones.changeRecord.mutationOptions({ onSuccess: onDone }));
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (field: string) => String(form.get(field));
    const typed = {
      name: text("name"),
      type: text("type"),
      value: text("value"),
      ttlSeconds: Number(text("ttl")),
    };
    if (record === null) add.mutate({ zoneId, records: [typed] });
    else change.mutate({ zoneId, recordId: record.id, ...typed });
  };
  const plain = {
    autoCapitalize: "none",
    autoComplete: "off",
    spellCheck: false,
    className: "font-mono text-table",
  };
  return (
    <form onSubmit={submit} className="grid gap-4">
      <Field label={t("zone.record.name")} hint={t("zone.record.name-hint")}>
        <Input name="name" autoFocus defaultValue={record === null ? "@" : `${record.name}.`} {...plain} />
      </Field>
      <Field label={t("zone.record.type")}>
        <Select name="type" defaultValue={record?.type ?? "A"}>
          {zoneRecordTypes.map((type) => (
            <option key={type}>{type}</option>
          ))}
        </Select>
      </Field>
      <Field label={t("zone.record.value")} hint={t("zone.record.value-hint")}>
        <TextArea name="value" required rows={3} defaultValue={record?.value ?? ""} {...plain} />
      </Field>
      <Field label={t("zone.record.ttl")} hint={t("zone.record.ttl-hint")}>
        <Input
          name="ttl"
          type="number"
          required
          min={zoneTtl.min}
          max={zoneTtl.max}
          defaultValue={record?.ttlSeconds ?? zoneTtl.usual}
        />
      </Field>
      <ProblemNote error={add.error ?? change.error} />
      <DialogActions>
        <Button onClick={onCancel}>{t("controls.cancel")}</Button>
        <Button type="submit" look="primary" isBusy={add.isPending || change.isPending}>
          {record === null ? t("zone.record.add") : t("zone.record.change")}
        </Button>
      </DialogActions>
    </form>
  );
}
