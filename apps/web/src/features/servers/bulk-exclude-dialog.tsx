"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTRPC } from "../../client/trpc.tsx";
import { Button } from "../../components/button.tsx";
import { Dialog, DialogActions } from "../../components/dialog.tsx";
import { Field, Input } from "../../components/field.tsx";
import { ProblemNote } from "../../components/problem-note.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { ChangedNote } from "./bulk-tags-dialog.tsx";

interface BulkExcludeProps {
  deed: "exclude" | "include";
  serverIds: readonly string[];
  onClose: () => void;
}

/** Leaves many servers out of rollouts, or has rollouts change them again. */
export function BulkExcludeDialog({ deed, serverIds, onClose }: BulkExcludeProps) {
  const { t } = useWords();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const [ids] = useState(serverIds);
  const again = { onSuccess: () => queryClient.invalidateQueries({ queryKey: trpc.maintenance.pathKey() }) };
  const exclude = useMutation(trpc.maintenance.excludeMany.mutationOptions(again));
  const include = useMutation(trpc.maintenance.includeMany.mutationOptions(again));
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (deed === "include") return include.mutate({ serverIds: [...ids] });
    const form = new FormData(event.currentTarget);
    const day = String(form.get("endsOn") ?? "");
    exclude.mutate({
      serverIds: [...ids],
      reason: String(form.get("reason")),
      endsAt: day === "" ? null : new Date(`${day}T00:00:00`),
    });
  };
  const data = exclude.data ?? include.data;
  return (
    <Dialog
      isOpen
      onOpenChange={(isOpen) => (isOpen ? undefined : onClose())}
      title={t(`servers.bulk.${deed}`)}
      description={t(`servers.bulk.${deed}-lead`, { count: ids.length })}
    >
      {data === undefined ? (
        <form onSubmit={submit} className="grid gap-4" autoComplete="off">
          {deed === "include" ? null : (
            <>
              <Field label={t("maintenance.reason")}>
                <Input name="reason" required maxLength={300} />
              </Field>
              <Field label={t("maintenance.exclude-until")} hint={t("maintenance.exclude-until-hint")}>
                <Input name="endsOn" type="date" />
              </Field>
            </>
          )}
          <ProblemNote error={exclude.error ?? include.error} />
          <DialogActions>
            <Button onClick={onClose}>{t("controls.cancel")}</Button>
            <Button type="submit" look="primary" isBusy={exclude.isPending || include.isPending}>
              {t(`servers.bulk.${deed}-action`, { count: ids.length })}
            </Button>
          </DialogActions>
        </form>
      ) : (
        <ChangedNote changed={data} onClose={onClose} />
      )}
    </Dialog>
  );
}
