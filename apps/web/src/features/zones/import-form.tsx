"use client";
import { useMutation } from "@tanstack/react-query";
import type { FormEvent } from "react";
import { useTRPC } from "../../client/trpc.tsx";
import { Button } from "../../components/button.tsx";
import { DialogActions } from "../../components/dialog.tsx";
import { Field, TextArea } from "../../components/field.tsx";
import { ProblemNote } from "../../components/problem-note.tsx";
import { useWords } from "../../components/words-provider.tsx";

/** Takes the records of a zone file that was kept elsewhere, and says which of them Mailstead keeps itself. */
export function ImportForm({
  zoneId,
  onImported,
  onClose,
}: {
  zoneId: string;
  onImported: () => Promise<unknown>;
  onClose: () => void;
}) {
  const { t } = useWords();
  const trpc = useTRPC();
  const take = useMutation(trpc.zones.importText.mutationOptions({ onSuccess: onImported }));
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    take.mutate({ zoneId, text: String(new FormData(event.currentTarget).get("text")) });
  };
  if (take.data !== undefined)
    return (
      <div className="grid gap-4">
        <p role="status" className="text-table">
          {t("zone.import.done", { count: take.data.added })}
        </p>
        {take.data.leftOut.length === 0 ? null : (
          <p className="text-ink-2 text-table [overflow-wrap:anywhere]">
            {t("zone.import.left-out", { records: take.data.leftOut.join(", ") })}
          </p>
        )}
        <DialogActions>
          <Button look="primary" onClick={onClose}>
            {t("controls.close")}
          </Button>
        </DialogActions>
      </div>
    );
  return (
    <form onSubmit={submit} className="grid gap-4">
      <Field label={t("zone.import.text")} hint={t("zone.import.text-hint")}>
        <TextArea
          name="text"
          required
          autoFocus
          rows={12}
          spellCheck={false}
          className="font-mono text-table"
        />
      </Field>
      <ProblemNote error={take.error} />
      <DialogActions>
        <Button onClick={onClose}>{t("controls.cancel")}</Button>
        <Button type="submit" look="primary" isBusy={take.isPending}>
          {t("zone.import")}
        </Button>
      </DialogActions>
    </form>
  );
}
